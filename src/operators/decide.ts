/** Everything between an embedding and an event: score, smooth, detect. Live frames and stored ones take the same way. */

import { type OperatorFunction, pipe } from 'rxjs'
import { whyOf } from '../scoring/explainEvent.ts'
import type { Why } from '../scoringTypes.ts'
import type { EncodedFrame, Outcome, ScoredView, Signal } from '../types.ts'
import { detect } from './detect.ts'
import { type QuietMemory, score } from './score.ts'
import { smooth } from './smooth.ts'
import { rulesOf, smoothingOf, type WatchState, watchedAreas, watchedEvents } from './watchState.ts'

export interface DecideOptions {
  /** What is watched now. Read for every frame: it may change at run time. */
  readonly watchState: () => WatchState
  readonly scoring: 'two-way' | 'softmax'
  readonly memory: QuietMemory
  /** New peaks of an open event are published at most this often. */
  readonly updateEveryMs: number
  /** After a longer gap between frames, open events end and state starts again. */
  readonly gapMs: number
  /** The probability that an event is right at these log-odds of its score, [0, 1]; null: unknown. Default: unknown. */
  readonly odds?: EventOdds
}

export type EventOdds = (camera: string, event: string, logOdds: number) => number | null

/** Frames and statuses flow on in order, with the changes of events among them. */
export function decide(options: DecideOptions): OperatorFunction<Signal<EncodedFrame>, Outcome> {
  const { watchState, scoring, memory, updateEveryMs, gapMs, odds = () => null } = options
  return pipe(
    score({
      texts: () => watchState().texts,
      watched: camera => watchedEvents(watchState(), camera),
      areas: camera => watchedAreas(watchState(), camera),
      mode: scoring,
      memory,
    }),
    smooth({ tauMs: event => smoothingOf(watchState(), event), median: 3, gapMs }),
    detect({
      rules: camera => rulesOf(watchState(), camera),
      updateEveryMs,
      gapMs,
      explain: explainWith(watchState, odds),
    }),
  )
}

function explainWith(watchState: () => WatchState, odds: EventOdds) {
  return (camera: string, event: string, view: ScoredView): Why | null => {
    const { texts } = watchState()
    const text = texts.events.find(each => each.event === event)
    const judgement = Object.hasOwn(view.judgements, event) ? view.judgements[event] : undefined
    if (text === undefined || judgement === undefined) return null
    const why = whyOf({ embedding: view.embedding, judgement }, text, texts.logitScale)
    return why && { ...why, odds: odds(camera, event, judgement.logOdds) }
  }
}
