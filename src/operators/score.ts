/** Scores each frame for the events that its camera watches, and lets the camera's bank learn from it. */

import { map, type OperatorFunction } from 'rxjs'
import { eventScores, NOTHING_LEARNED, type QuietFits } from '../scoring/eventScores.ts'
import { softmaxScores } from '../scoring/softmaxScores.ts'
import type { EncodedFrame, ScoredFrame, ScoringTexts, Signal } from '../types.ts'

/** What each camera's images taught about its events. */
export interface QuietMemory {
  /** For the frame's camera, in the frame's light. */
  fits(frame: EncodedFrame): QuietFits
  /** Offers a scored frame as an example of what the camera usually shows. */
  offer(frame: EncodedFrame, scores: Readonly<Record<string, number>>): void
}

/** Learns nothing: the model's calibration decides alone. */
export const NO_MEMORY: QuietMemory = { fits: () => NOTHING_LEARNED, offer: () => {} }

export interface ScoreOptions {
  /** The current text vectors. Called for every frame, so that they can be replaced at run time. */
  readonly texts: () => ScoringTexts
  /** Names of the events that a camera currently watches. */
  readonly watched: (camera: string) => readonly string[]
  /** `softmax`: all watched events against each other; nothing is learned. */
  readonly mode: 'two-way' | 'softmax'
  /** Default: NO_MEMORY. */
  readonly memory?: QuietMemory
}

/**
 * ```
 * encoded  a--b--x--c--|     x: a status
 * score
 * scored   A--B--x--C--|
 * ```
 */
export function score(options: ScoreOptions): OperatorFunction<Signal<EncodedFrame>, Signal<ScoredFrame>> {
  const { texts, watched, mode, memory = NO_MEMORY } = options
  return map(signal => {
    if (signal.kind === 'status') return signal
    const { frame, embedding, variant } = signal
    const current = texts()
    const names = watched(frame.camera)
    const events = current.events.filter(({ event }) => names.includes(event))
    const scores =
      mode === 'softmax'
        ? softmaxScores(embedding, current, events)
        : eventScores(embedding, current, events, memory.fits(signal))
    if (mode === 'two-way') memory.offer(signal, scores)
    return { kind: 'frame', frame, variant, scores, rawScores: scores, views: [] }
  })
}
