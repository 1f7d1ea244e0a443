/** Merges what was seen close together on one camera into moments, each with its best view. Pure. */

/** A stored view that was found. */
export interface Seen {
  readonly camera: string
  /** Capture time of the view, and of its last near copy, ms. */
  readonly at: number
  readonly until: number
  /** Higher is better. */
  readonly rank: number
}

/**
 * The best view takes all views of its camera that were seen within `mergeMs` of it, then the best of the rest does the
 * same: moments do not grow from neighbour to neighbour over a busy day.
 * @param most number of moments that are wanted
 * @returns the best view of each moment, best first; of equal ones the earlier
 */
export function mergeMoments<T extends Seen>(views: readonly T[], mergeMs: number, most: number): T[] {
  const rest = new Set([...views].sort((a, b) => b.rank - a.rank || a.at - b.at))
  const moments: T[] = []
  for (const best of rest) {
    if (moments.length === most) break
    moments.push(best)
    for (const one of rest) if (isNear(one, best, mergeMs)) rest.delete(one)
  }
  return moments
}

/** No further apart than `mergeMs`, on one camera. */
export function isNear(one: Omit<Seen, 'rank'>, other: Omit<Seen, 'rank'>, mergeMs: number): boolean {
  return one.camera === other.camera && one.at <= other.until + mergeMs && one.until >= other.at - mergeMs
}
