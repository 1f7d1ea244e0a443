/** Frame time, as rules see it. It is the world's: it may stutter, jump an hour, or stop. */

/** Steps back up to this many ms are a clock being trimmed: time stands still until it has caught up. */
const TRIM_MS = 2000

/** ms from one frame to the next, never negative; null when the line is broken: a jump back, or forward beyond `gapMs`. */
export function elapsedMs(before: number, at: number, gapMs: number): number | null {
  const elapsed = at - before
  if (elapsed < -TRIM_MS || elapsed > gapMs) return null
  return Math.max(0, elapsed)
}
