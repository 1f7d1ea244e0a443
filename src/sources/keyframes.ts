/** `decode: auto`: keyframes alone as long as they come as often as frames are wanted, everything otherwise. */

export interface KeyframeWatch {
  /** Arrival of the last frames, ms, oldest first. */
  readonly arrivals: readonly number[]
}

export const NOTHING_SEEN: KeyframeWatch = { arrivals: [] }

/** Gaps averaged, so that one late packet decides nothing. */
const GAPS = 4
/** The first in each slot may be up to a slot late: over four gaps a mean of 1.25 slots is still one in each. */
const TOLERANCE = 1.3

/** Two slots without a keyframe: the interval is longer than a slot for certain. ms until that is so. */
export function patienceMs(fps: number): number {
  return Math.max(500, (2.5 / fps) * 1000)
}

/** Takes a frame's arrival, ms; `enough` turns false when keyframes come too seldom for `fps`. */
export function watchKeyframes(watch: KeyframeWatch, at: number, fps: number): [KeyframeWatch, { enough: boolean }] {
  const arrivals = [...watch.arrivals, at].slice(-(GAPS + 1))
  const [first = at] = arrivals
  const gaps = arrivals.length - 1
  const enough = gaps < GAPS || (at - first) / gaps <= (TOLERANCE / fps) * 1000
  return [{ arrivals }, { enough }]
}
