/** Everything between an embedding and an event: score, smooth, detect. Live frames and stored ones take the same way. */

import { type OperatorFunction, pipe } from 'rxjs'
import { whyOf } from '../scoring/explainEvent.ts'
import type { Why } from '../scoringTypes.ts'
import type { EncodedFrame, Outcome, ScoredView, Signal } from '../types.ts'
import { detect } from './detect.ts'
import { type SmoothedScoresOptions, smoothedScores } from './smoothedScores.ts'
import { rulesOf, type WatchState } from './watchState.ts'

export interface DecideOptions extends SmoothedScoresOptions {
  /** New peaks of an open event are published at most this often. */
  readonly updateEveryMs: number
  /** The probability that an event is right at these log-odds of its score, [0, 1]; null: unknown. Default: unknown. */
  readonly odds?: EventOdds
}

export type EventOdds = (camera: string, event: string, logOdds: number) => number | null

/** Frames and statuses flow on in order, with the changes of events among them. After a gap open events end. */
export function decide(options: DecideOptions): OperatorFunction<Signal<EncodedFrame>, Outcome> {
  const { watchState, updateEveryMs, gapMs, odds = () => null } = options
  return pipe(
    smoothedScores(options),
    detect({
      rules: camera => rulesOf(watchState(), camera),
      updateEveryMs,
      gapMs,
      explain: explainWith(watchState, odds),
    }),
  )
}

function explainWith(watchState: () => WatchState, odds: EventOdds) {
  return (camera: string, event: string, view: ScoredView): Omit<Why, 'at'> | null => {
    const { texts } = watchState()
    const text = texts.events.find(each => each.event === event)
    const judgement = Object.hasOwn(view.judgements, event) ? view.judgements[event] : undefined
    if (text === undefined || judgement === undefined) return null
    const why = whyOf({ embedding: view.embedding, judgement }, text, texts.logitScale)
    return why && { ...why, odds: odds(camera, event, judgement.logOdds) }
  }
}
