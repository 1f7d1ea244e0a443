/** People's answers in a run: those that are stored correct the scores, and new ones come over MQTT. */

import type { AnswerBook } from '../../answers/answerBook.ts'
import type { EventOdds } from '../../operators/decide.ts'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { Disposables } from '../../util/disposables.ts'
import { followAnswers } from './followAnswers.ts'
import { type TakeAnswerDeps, takeAnswer } from './takeAnswer.ts'

export interface AnsweringDeps extends Omit<TakeAnswerDeps, 'answers'> {
  readonly telemetry: Telemetry
  readonly disposables: Disposables
}

export interface Answering {
  readonly examples: AnswerBook
  readonly odds: EventOdds
  readonly answer: ReturnType<typeof takeAnswer>
}

/** Takes two seconds at most. Never rejects. */
export async function openAnswering({ telemetry, disposables, ...deps }: AnsweringDeps): Promise<Answering> {
  const { modelSha: sha256, variant, dim } = deps.encoder
  const { answers, examples, odds, close } = await followAnswers({
    dataDir: deps.dataDir,
    model: { sha256, variant, dim },
    telemetry,
  })
  disposables.add('answers', close)
  return { examples, odds, answer: takeAnswer({ ...deps, answers }) }
}
