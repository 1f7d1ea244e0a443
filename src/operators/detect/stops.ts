/** Rule `stops`: something came, stands where nothing stood before, and the words fit. */

import { REST_MS } from '../gate/scene.ts'
import type { Evidence, Sample } from './evidenceTypes.ts'
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
  /** What had settled before that: people who stand about, a car that parked. Share of the picture. */
  readonly usual: number
  /** What arrived and rests; null while nothing does. */
  readonly standing: Standing | null
  /** Since when what stands has fitted the words; null while it does not. */
  readonly proof: Proof | null
}

interface Standing {
  /** Most that has settled since it arrived. Share of the picture. */
  readonly most: number
  /** When nearly all of that rested last, ms. */
  readonly wholeAt: number
  /** Since when too little of it rests, ms: it moves off, or somebody is before it. Null while enough does. */
  readonly hiddenAt: number | null
}

interface Proof {
  /** ms */
  readonly at: number
  /** Share of the picture that had settled then. */
  readonly settled: number
  /** The picture has been calm ever since. */
  readonly calm: boolean
}

export const NOTHING_STANDS: StopsState = {
  peak: 0,
  peakAt: Number.NEGATIVE_INFINITY,
  movedAt: Number.NEGATIVE_INFINITY,
  usual: 0,
  standing: null,
  proof: null,
}

/** Share of the picture that moves at least when something arrives. */
const ARRIVAL = 0.008
/** Share of the picture that a thing must newly cover when it has come to rest. */
const STANDING = 0.01
/** It moves off, or is hidden, when less than this share of it rests. */
const STILL_THERE = 0.55
/** Who passes before it, a bus or a walker, hides it no longer than this. */
const HIDDEN_MS = 3000
/** Nearly all of it: while less than this share of it rests, it may be moving off already … */
const WHOLE = 0.85
/** … which takes no longer than this. What was less than whole for longer was hidden, or lost a neighbour. */
const MOVE_OFF_MS = 3000
/** Calm: less motion than an arrival, or than this share of the most within the window. */
const CALM_SHARE = 1 / 3
/** What stands covers the same share within a quarter: this long in a calm picture … */
const CALM_PROOF_MS = 1000
/** … and this long where others move: the flank of a bus that passes rests for a moment, too. */
const BUSY_PROOF_MS = 2000
const STEADY = 0.75

/**
 * CLIP sees a vehicle, not that it stopped. So three things must hold:
 * - a part of the picture that is not usually so has come to rest (`settled`), within `windowMs` of motion. A car that
 *   was always there is background; one that drives through never rests; a walker beside it changes neither.
 * - it stays as large as it is: for a second in a calm picture, longer in a busy one; then until most of it has been gone
 *   for longer than a bus takes to pass before it.
 * - the words fit: at first the score is high both raw and smoothed. Smoothed alone lags behind a car that has left.
 *
 * The evidence is the score while all three hold, else 0. It has been so since the thing came to rest, which `settled`
 * shows only when its blocks have rested for `REST_MS`; and not so any more since it was whole for the last time.
 */
export function stopsStep(state: StopsState, sample: Sample, options: StopsOptions): readonly [StopsState, Evidence] {
  const { at, motion, settled } = sample
  const isPeak = motion >= state.peak || at - state.peakAt > options.windowMs
  const [peak, peakAt] = isPeak ? [motion, at] : [state.peak, state.peakAt]
  const movedAt = motion >= ARRIVAL ? at : state.movedAt
  const recent = at - movedAt <= options.windowMs
  // What has been there for a whole quiet window is usual; what has gone is not.
  const usual = recent || state.standing !== null ? Math.min(state.usual, settled) : settled
  const patienceMs = state.proof !== null && isProven(state.proof, at) ? HIDDEN_MS : 0
  const arrives = recent && settled >= usual + STANDING
  const standing = state.standing ? stay(state.standing, sample, patienceMs) : arrives ? arrive(sample) : null
  const calm = motion < Math.max(ARRIVAL, peak * CALM_SHARE)
  const proof = standing === null ? null : prove(state.proof, sample, calm, options)
  const evidence = highEvidence(proof, sample) ?? { level: 0, since: leftAt(standing ?? state.standing, at) }
  return [{ peak, peakAt, movedAt, usual, standing, proof }, evidence]
}

function arrive({ at, settled }: Sample): Standing {
  return { most: settled, wholeAt: at, hiddenAt: null }
}

/** What stands, while enough of it rests, or did less than `patienceMs` ago; null when it has moved off. */
function stay({ most, wholeAt, hiddenAt }: Standing, { at, settled }: Sample, patienceMs: number): Standing | null {
  if (settled < most * STILL_THERE) {
    const since = hiddenAt ?? at
    return at - since < patienceMs ? { most, wholeAt, hiddenAt: since } : null
  }
  const now = Math.max(most, settled)
  return { most: now, wholeAt: settled >= now * WHOLE ? at : wholeAt, hiddenAt: null }
}

/** When what stood began to move off, as far as `settled` tells. */
function leftAt(stood: Standing | null, at: number): number {
  if (stood === null) return at
  const goneAt = stood.hiddenAt ?? at
  return goneAt - stood.wholeAt <= MOVE_OFF_MS ? stood.wholeAt : goneAt
}

function prove(proof: Proof | null, sample: Sample, calm: boolean, { trigger }: StopsOptions): Proof | null {
  const { at, settled, score } = sample
  // Proven: from now on one odd frame does not end it.
  if (proof !== null && isProven(proof, at)) return score >= trigger.release ? proof : null
  if (lesserScore(sample) < trigger.threshold) return null
  if (proof === null) return { at, settled, calm }
  const isSteady = settled >= proof.settled * STEADY && settled <= proof.settled / STEADY
  return isSteady ? { ...proof, calm: proof.calm && calm } : null
}

function highEvidence(proof: Proof | null, sample: Sample): Evidence | null {
  if (proof === null) return null
  const since = proof.at - REST_MS
  if (isProven(proof, sample.at)) return { level: sample.score, since }
  return proof.calm ? { level: lesserScore(sample), since } : null
}

function isProven({ at, calm }: Proof, now: number): boolean {
  return now - at > (calm ? CALM_PROOF_MS : BUSY_PROOF_MS)
}

function lesserScore({ score, rawScore }: Sample): number {
  return Math.min(score, rawScore)
}
