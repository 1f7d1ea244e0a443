/** Rule `stops`: something came, stands where nothing stood before, and the words fit. */

import type { Sample } from './rule.ts'
import type { TriggerOptions } from './trigger.ts'

export interface StopsOptions {
  readonly windowMs: number
  readonly trigger: Pick<TriggerOptions, 'threshold' | 'release'>
}

export interface StopsState {
  /** When the picture last moved as much as a thing that arrives, ms. */
  readonly movedAt: number
  /** Something has come to rest after such motion. */
  readonly standing: boolean
  /** It was seen, and fitted the words, while the picture was calm. */
  readonly confirmed: boolean
}

export const NOTHING_STANDS: StopsState = { movedAt: Number.NEGATIVE_INFINITY, standing: false, confirmed: false }

/** Share of the picture that moves when something arrives; also the bound of "calm". */
const ARRIVAL = 0.008
/** Share of the picture that a thing at rest must cover; it has gone when less than half of that is left. */
const STANDING = 0.006

/**
 * CLIP sees a vehicle, not that it stopped. So three things must hold:
 * - a part of the picture that is not usually so has come to rest (`settled`), within `windowMs` of motion. A car that
 *   was always there is background; one that drives through never rests; a walker beside it changes neither.
 * - the words fit: the score is high, raw and smoothed. Smoothed alone lags behind a car that has left.
 * - this was once so while the picture was calm. Afterwards others may pass by.
 *
 * The evidence is the score while all three hold, else 0.
 */
export function stopsStep(state: StopsState, sample: Sample, options: StopsOptions): readonly [StopsState, number] {
  const { threshold, release } = options.trigger
  const movedAt = sample.motion >= ARRIVAL ? sample.at : state.movedAt
  const standing = state.standing
    ? sample.settled >= STANDING / 2
    : sample.settled >= STANDING && sample.at - movedAt <= options.windowMs
  // One odd frame must not end it: there the smoothed score decides.
  const score = state.confirmed ? sample.score : Math.min(sample.score, sample.rawScore)
  const seen = standing && sample.motion < ARRIVAL && score >= threshold
  const confirmed = standing && (seen || (state.confirmed && score >= release))
  return [{ movedAt, standing, confirmed }, confirmed ? score : 0]
}
