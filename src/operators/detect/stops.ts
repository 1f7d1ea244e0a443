/** Rule `stops`: something came, stands where nothing stood before, and the words fit. */

import type { Sample } from './rule.ts'
import type { TriggerOptions } from './trigger.ts'

export interface StopsOptions {
  readonly windowMs: number
  readonly trigger: Pick<TriggerOptions, 'threshold' | 'release'>
}

export interface StopsState {
  /** Most motion within the window, and when it was, ms. */
  readonly peak: number
  readonly peakAt: number
  /** When the picture last moved as much as an arrival, ms. */
  readonly movedAt: number
  /** What had settled before that: people who stand about, a car that parked. */
  readonly usual: number
  /** Most that has settled since something arrived; null while nothing has. */
  readonly standing: number | null
  /** Since when what stands has fitted the words; null while it does not. */
  readonly fitsSince: number | null
}

export const NOTHING_STANDS: StopsState = {
  peak: 0,
  peakAt: Number.NEGATIVE_INFINITY,
  movedAt: Number.NEGATIVE_INFINITY,
  usual: 0,
  standing: null,
  fitsSince: null,
}

/** Share of the picture that moves at least when something arrives. */
const ARRIVAL = 0.008
/** Calm: less motion than that, or than this share of the most within the window; walkers may pass. */
const CALM_SHARE = 1 / 3
/** Share of the picture that a thing must newly cover when it has come to rest. */
const STANDING = 0.01
/** It moves off when less than this share of it rests. */
const STILL_THERE = 0.6
/** Calm and a high raw score are asked for until they have lasted this long. */
const PROOF_MS = 1000

/**
 * CLIP sees a vehicle, not that it stopped. So three things must hold:
 * - a part of the picture that is not usually so has come to rest (`settled`), within `windowMs` of motion. A car that
 *   was always there is background; one that drives through never rests; a walker beside it changes neither.
 * - the words fit: the score is high, raw and smoothed. Smoothed alone lags behind a car that has left.
 * - this was so for a second while the picture was calm. Afterwards others may pass by.
 *
 * The evidence is the score while all three hold, else 0.
 */
export function stopsStep(state: StopsState, sample: Sample, options: StopsOptions): readonly [StopsState, number] {
  const { threshold, release } = options.trigger
  const { at, motion, settled } = sample
  const isPeak = motion >= state.peak || at - state.peakAt > options.windowMs
  const [peak, peakAt] = isPeak ? [motion, at] : [state.peak, state.peakAt]
  const movedAt = motion >= ARRIVAL ? at : state.movedAt
  const recent = at - movedAt <= options.windowMs
  // What has been calm for a whole window is usual; what has gone is not.
  const usual = recent || state.standing !== null ? Math.min(state.usual, settled) : settled

  const standing = stand(state.standing, settled, recent ? usual + STANDING : Number.POSITIVE_INFINITY)
  const calm = motion < Math.max(ARRIVAL, peak * CALM_SHARE)
  const proven = state.fitsSince !== null && at - state.fitsSince > PROOF_MS
  const score = proven ? sample.score : Math.min(sample.score, sample.rawScore)
  const fits = standing !== null && (proven ? score >= release : calm && score >= threshold)
  const fitsSince = fits ? (state.fitsSince ?? at) : null
  return [{ peak, peakAt, movedAt, usual, standing, fitsSince }, fits ? score : 0]
}

/** The most that stood, while enough of it still does; null when it moves off, or when too little has arrived. */
function stand(most: number | null, settled: number, arrived: number): number | null {
  if (most === null) return settled >= arrived ? settled : null
  return settled >= most * STILL_THERE ? Math.max(most, settled) : null
}
