/** Everything between an embedding and an event: score, smooth, detect. Live frames and stored ones take the same way. */

import { type OperatorFunction, pipe } from 'rxjs'
import type { EncodedFrame, Outcome, Signal } from '../types.ts'
import { detect } from './detect.ts'
import { type SmoothedScoresOptions, smoothedScores } from './smoothedScores.ts'
import { rulesOf } from './watchState.ts'

export interface DecideOptions extends SmoothedScoresOptions {
  /** New peaks of an open event are published at most this often. */
  readonly updateEveryMs: number
}

/** Frames and statuses flow on in order, with the changes of events among them. After a gap open events end. */
export function decide(options: DecideOptions): OperatorFunction<Signal<EncodedFrame>, Outcome> {
  const { watchState, updateEveryMs, gapMs } = options
  return pipe(smoothedScores(options), detect({ rules: camera => rulesOf(watchState(), camera), updateEveryMs, gapMs }))
}
