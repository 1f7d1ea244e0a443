/** Scores each frame for the events that its camera watches. */

import { map, type OperatorFunction } from 'rxjs'
import { softmaxScores } from '../scoring/softmaxScores.ts'
import { twoWayScores } from '../scoring/twoWayScores.ts'
import type { EncodedFrame, ScoredFrame, ScoringTexts, Signal } from '../types.ts'

export interface ScoreOptions {
  /** The current text vectors. Called for every frame, so that they can be replaced at run time. */
  readonly texts: () => ScoringTexts
  /** Names of the events that a camera currently watches. */
  readonly watched: (camera: string) => readonly string[]
  /** `softmax`: all watched events against each other. */
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
