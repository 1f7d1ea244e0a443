/** Decides whether keyframes come often enough for the wanted frame rate. */

export interface KeyframeWatch {
  /** Arrival of the last keyframes, ms, oldest first. */
  readonly arrivals: readonly number[]
}

export const NOTHING_SEEN: KeyframeWatch = { arrivals: [] }

/** Gaps averaged, so that one late packet decides nothing. */
const GAPS = 4
/** The first in each slot may be up to a slot late: over four gaps a mean of 1.25 slots is still one in each. */
const TOLERANCE = 1.3

/** Takes a keyframe's arrival, ms; `enough` is true once four gaps were seen and keyframes come often enough for `fps`. */
export function watchKeyframes(watch: KeyframeWatch, at: number, fps: number): [KeyframeWatch, { enough: boolean }] {
  const arrivals = [...watch.arrivals, at].slice(-(GAPS + 1))
  const [first = at] = arrivals
  const gaps = arrivals.length - 1
  const enough = gaps === GAPS && (at - first) / gaps <= (TOLERANCE / fps) * 1000
  return [{ arrivals }, { enough }]
}
