/** Rule `stops`: something arrived, stands where nothing stood before, and the phrases fit. */

import { REST_MS } from '../markStill/sceneStep.ts'
import type { Evidence, Sample } from './evidence.ts'
import type { TriggerOptions } from './triggerStep.ts'

export interface StopsOptions {
  readonly motionWindowMs: number
  readonly trigger: Pick<TriggerOptions, 'threshold' | 'releaseThreshold'>
}

export interface StopsState {
  /** Most motion within the window, and when it was, ms. */
  readonly peak: number
  readonly peakAt: number
  /** When there was last as much motion as an arrival makes, ms. */
  readonly movedAt: number
  /** What had settled before that: people standing, a parked car. Fraction of the image. */
  readonly usual: number
  /** The object that arrived and rests; null while there is none. */
  readonly standing: Standing | null
  /** Since when the phrases fit that object; null while they do not. */
  readonly proof: Proof | null
}

interface Standing {
  /** Most that has settled since it arrived. Fraction of the image. */
  readonly most: number
  /** When nearly all of that was last at rest, ms. */
  readonly wholeAt: number
  /** Since when too little of it rests, ms: it moves off or is hidden. Null while enough of it rests. */
  readonly hiddenAt: number | null
}

interface Proof {
  /** ms */
  readonly at: number
  /** Fraction of the image that had settled then. */
  readonly settled: number
  /** There has been no motion since then. */
  readonly calm: boolean
}

export const NOTHING_STOPPED: StopsState = {
  peak: 0,
  peakAt: Number.NEGATIVE_INFINITY,
  movedAt: Number.NEGATIVE_INFINITY,
  usual: 0,
  standing: null,
  proof: null,
}

/** For a view that begins in a running scene: what rests in its first frame is usual, such as a parked car. */
export const NOTHING_NEW: StopsState = { ...NOTHING_STOPPED, usual: Number.POSITIVE_INFINITY }

/** Fraction of the image that moves at least when something arrives. */
const ARRIVAL = 0.008
/** Fraction of the image that an object must newly cover once it has come to rest. */
const STANDING = 0.01
/** It moves off, or is hidden, when less than this share of it rests. */
const STILL_THERE = 0.55
/** A passing bus or walker hides it for at most this long. */
const HIDDEN_MS = 3000
/** While less than this fraction of it rests, it may already be moving off … */
const WHOLE = 0.85
/** … which takes at most this long. If it takes longer, the object was hidden or a neighbour left. */
const MOVE_OFF_MS = 3000
/** Calm means less motion than an arrival, or less than this fraction of the most within the window. */
const CALM_SHARE = 1 / 3
/** The object must keep its size within a quarter for this long in a calm image … */
const CALM_PROOF_MS = 1000
/** … and for this long while others move: the side of a passing bus also rests for a moment. */
const BUSY_PROOF_MS = 2000
const STEADY = 0.75

/**
 * CLIP recognises a vehicle, not that it stopped. So three conditions must hold:
 * - a part of the image that differs from the background has come to rest (`settled`) within `motionWindowMs` of motion. A car that
 *   was always there is background; a car that drives through never rests; a walker beside it changes neither.
 * - it keeps its size: for a second in a calm image, longer in a busy one; afterwards until most of it has been missing
 *   for longer than a bus takes to pass in front of it.
 * - the phrases fit: at first both the raw and the smoothed score are high. The smoothed score alone lags behind a car that left.
 *
 * The evidence is the score while all three hold, else 0. It is dated to when the object came to rest, which `settled`
 * shows only after its blocks have rested for `REST_MS`; its end is dated to when the object was last complete.
 */
export function stopsStep(state: StopsState, sample: Sample, options: StopsOptions): readonly [StopsState, Evidence] {
  const { at, motion, settled } = sample
  const isPeak = motion >= state.peak || at - state.peakAt > options.motionWindowMs
  const [peak, peakAt] = isPeak ? [motion, at] : [state.peak, state.peakAt]
  const movedAt = motion >= ARRIVAL ? at : state.movedAt
  const recent = at - movedAt <= options.motionWindowMs
  // What has been there for a whole window without motion counts as background.
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

/** The object at rest, while enough of it rests or did less than `patienceMs` ago; null when it has moved off. */
function stay({ most, wholeAt, hiddenAt }: Standing, { at, settled }: Sample, patienceMs: number): Standing | null {
  if (settled < most * STILL_THERE) {
    const since = hiddenAt ?? at
    return at - since < patienceMs ? { most, wholeAt, hiddenAt: since } : null
  }
  const now = Math.max(most, settled)
  return { most: now, wholeAt: settled >= now * WHOLE ? at : wholeAt, hiddenAt: null }
}

/** When the object began to move off, as far as `settled` shows. */
function leftAt(stood: Standing | null, at: number): number {
  if (stood === null) return at
  const goneAt = stood.hiddenAt ?? at
  return goneAt - stood.wholeAt <= MOVE_OFF_MS ? stood.wholeAt : goneAt
}

function prove(proof: Proof | null, sample: Sample, calm: boolean, { trigger }: StopsOptions): Proof | null {
  const { at, settled, score } = sample
  // Confirmed: from now on a single odd frame does not end it.
  if (proof !== null && isProven(proof, at)) return score >= trigger.releaseThreshold ? proof : null
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
