/** From embeddings to smoothed scores: what decides events, before rules and thresholds. */

import { type OperatorFunction, pipe } from 'rxjs'
import type { EncodedFrame, ScoredFrame, Signal } from '../types.ts'
import { type QuietMemory, score } from './score.ts'
import { smooth } from './smooth.ts'
import { smoothingOf, type WatchState, watchedAreas, watchedEvents } from './watchState.ts'

export interface SmoothedScoresOptions {
  /** What is watched now. Read for every frame: it may change at run time. */
  readonly watchState: () => WatchState
  readonly scoring: 'two-way' | 'softmax'
  readonly memory: QuietMemory
  /** After a longer gap between frames, smoothing starts again. */
  readonly gapMs: number
}

/** Thresholds play no part here: one pass serves many of them. */
export function smoothedScores(
  options: SmoothedScoresOptions,
): OperatorFunction<Signal<EncodedFrame>, Signal<ScoredFrame>> {
  const { watchState, scoring, memory, gapMs } = options
  return pipe(
    score({
      texts: () => watchState().texts,
      watched: camera => watchedEvents(watchState(), camera),
      areas: camera => watchedAreas(watchState(), camera),
      mode: scoring,
      memory,
    }),
    smooth({ tauMs: event => smoothingOf(watchState(), event), median: 3, gapMs }),
  )
}
