/** How much a frame looks like each event, in words. */

import { map, type OperatorFunction } from 'rxjs'
import type { EncodedFrame, EventText, ScoredFrame, ScoringTexts, Signal } from '../types.ts'
import { dot, logSumExp, sigmoid } from '../util/vector.ts'

export interface ScoreOptions {
  /** The words in force now; asked for every frame, so that they may be replaced at run time. */
  readonly texts: () => ScoringTexts
  /** Names of the events that a camera watches now. */
  readonly watched: (camera: string) => readonly string[]
  /** `softmax`: all watched events against each other, as in the original report. */
  readonly mode: 'two-way' | 'softmax'
}

/**
 * ```
 * encoded  a--b--x--c--|     x: a status
 * score
 * scored   A--B--x--C--|
 * ```
 */
export function score(options: ScoreOptions): OperatorFunction<Signal<EncodedFrame>, Signal<ScoredFrame>> {
  return map(signal => {
    if (signal.kind === 'status') return signal
    const { frame, embedding, variant } = signal
    const texts = options.texts()
    const watched = options.watched(frame.camera)
    const events = texts.events.filter(({ event }) => watched.includes(event))
    const scores =
      options.mode === 'softmax' ? softmaxScores(embedding, texts, events) : twoWayScores(embedding, texts, events)
    return { kind: 'frame', frame, variant, scores, rawScores: scores }
  })
}

/**
 * Each event against its own contrast set: adding an event changes no other's score.
 * An event with grades is scored by its expected level instead.
 */
export function twoWayScores(
  embedding: Float32Array,
  { logitScale, calibration }: ScoringTexts,
  events: readonly EventText[],
): Record<string, number> {
  const logit = logits(embedding, logitScale)
  const entries = events.map(({ event, positive, contrast, grades }) => {
    if (grades) return [event, expectedLevel(grades.map(logit))] as const
    const margin = logit(positive) - logSumExp(contrast.map(logit))
    return [event, sigmoid((margin - calibration.centre) / calibration.width)] as const
  })
  return Object.fromEntries(entries)
}

/** Plain softmax over the events: the scores of a frame add up to 1, whatever it shows. Grades are not looked at. */
export function softmaxScores(
  embedding: Float32Array,
  { logitScale }: ScoringTexts,
  events: readonly EventText[],
): Record<string, number> {
  const logit = logits(embedding, logitScale)
  const shares = softmax(events.map(({ positive }) => logit(positive)))
  return Object.fromEntries(events.map(({ event }, index) => [event, shares[index] ?? 0]))
}

/** Mean position on the scale of grades under their softmax: 0 is the first phrase, 1 the last. */
function expectedLevel(grades: readonly number[]): number {
  const top = Math.max(1, grades.length - 1)
  return softmax(grades).reduce((sum, share, index) => sum + (share * index) / top, 0)
}

/** A picture's logit with each text, computed once: events share their background. */
function logits(embedding: Float32Array, logitScale: number): (text: Float32Array) => number {
  const known = new Map<Float32Array, number>()
  return text => {
    const before = known.get(text)
    if (before !== undefined) return before
    const logit = logitScale * dot(text, embedding)
    known.set(text, logit)
    return logit
  }
}

function softmax(logits: readonly number[]): number[] {
  const total = logSumExp(logits)
  return logits.map(logit => Math.exp(logit - total))
}
