/** Stores what a person said about moments, so that it counts from now on for the event. */

import { type Answer, momentId } from '../../answers/answer.ts'
import type { Answers } from '../../answers/openAnswers.ts'
import type { EventConfig } from '../../config/eventSchema.ts'
import type { Candidate, Verdicts } from '../../trial/trialTypes.ts'
import { float32ToFloat16 } from '../../util/float16.ts'
import { phrasesHash } from '../answer/answerEvent.ts'
import type { PastModel } from '../past/openPast.ts'

export interface KeepOptions {
  readonly event: string
  /** With its phrases. */
  readonly settings: EventConfig
  readonly model: PastModel
  /** ms since the epoch. */
  readonly now: number
}

/** @throws WatchwordError `disk-full`, `unwritable` */
export async function keepAnswers(
  answers: Pick<Answers, 'add'>,
  { candidates, verdicts }: { readonly candidates: readonly Candidate[]; readonly verdicts: Verdicts },
  options: KeepOptions,
): Promise<number> {
  const answered = candidates.flatMap(moment => {
    const isTrue = verdicts.get(moment.id)
    return isTrue === undefined ? [] : [answerOf(moment, isTrue, options)]
  })
  for (const answer of answered) await answers.add(answer)
  return answered.length
}

function answerOf(
  { camera, topTime, seen }: Candidate,
  yes: boolean,
  { event, settings, model, now }: KeepOptions,
): Answer {
  const at = seen?.at ?? topTime
  const image = seen && {
    sha256: model.sha256,
    variant: model.variant,
    world: seen.world,
    light: seen.light,
    vector: float32ToFloat16(seen.embedding),
  }
  return {
    id: momentId({ camera, event, at }),
    camera,
    event,
    yes,
    answeredAt: now,
    isEvent: false,
    at,
    score: null,
    phrases: phrasesHash(event, { [event]: settings }),
    image,
  }
}
