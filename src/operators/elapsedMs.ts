/** Frame time as rules use it. It may jitter, jump or stall; never assume that it is monotonic. */

/** Steps back of up to this many ms are clock adjustments: time stands still until the clock has caught up. */
const TRIM_MS = 2000

/** ms from one frame to the next, never negative; null after a jump back, or forward by more than `gapMs`. */
export function elapsedMs(before: number, at: number, gapMs: number): number | null {
  const elapsed = at - before
  if (elapsed < -TRIM_MS || elapsed > gapMs) return null
  return Math.max(0, elapsed)
}
