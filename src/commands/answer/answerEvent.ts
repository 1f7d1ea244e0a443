/** Makes the answer about an event or a moment, with what the encoder saw then, and stores it. */

import { createHash } from 'node:crypto'
import { type Answer, momentId } from '../../answers/answer.ts'
import type { Answers } from '../../answers/openAnswers.ts'
import type { BankModel } from '../../bank/storedBank.ts'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import type { HistoryReader } from '../../history/history.ts'
import { phrasesOf } from '../watchStateOf.ts'
import { answeredImage } from './answeredImage.ts'
import { findEvent } from './findEvent.ts'

export interface AnswerSources {
  readonly answers: Pick<Answers, 'add'>
  readonly journalPath: string
  /** null: there is no history. */
  readonly reader: Pick<HistoryReader, 'read'> | null
  readonly model: Pick<BankModel, 'sha256' | 'variant'> | null
  readonly events: LoadedConfig['config']['events']
  /** ms since the epoch. */
  readonly now: number
}

/** A moment of a camera, as it is named on the command line. */
export interface NamedMoment {
  readonly camera: string
  readonly event: string
  /** ms since the epoch. */
  readonly at: number
}

/** @throws WatchwordError `event-id-unknown`, `disk-full`, `unwritable` */
export async function answerEvent(id: string, yes: boolean, sources: AnswerSources): Promise<Answer> {
  const { camera, event, top_score: score, top_time, where } = await findEvent(id, sources.journalPath)
  const at = Math.round(top_time * 1000)
  const [x, y, width, height] = where?.box ?? [0, 0, 1, 1]
  const place = { camera, at, view: where?.view ?? 'whole', box: { x, y, width, height } } as const
  const image = await imageOf(place, sources)
  return stored({ id, isEvent: true, camera, event, yes, at, score, image }, sources)
}

/** @throws WatchwordError `disk-full`, `unwritable` */
export async function answerMoment(moment: NamedMoment, yes: boolean, sources: AnswerSources): Promise<Answer> {
  const { camera, event, at } = moment
  const image = await imageOf({ camera, at, view: 'whole', box: null }, sources)
  return stored({ id: momentId(moment), isEvent: false, camera, event, yes, at, score: null, image }, sources)
}

async function imageOf(place: Parameters<typeof answeredImage>[0], { reader, model }: AnswerSources) {
  return reader === null || model === null ? null : answeredImage(place, reader, model)
}

async function stored(
  answer: Omit<Answer, 'answeredAt' | 'phrases'>,
  { answers, events, now }: AnswerSources,
): Promise<Answer> {
  const complete: Answer = { ...answer, answeredAt: now, phrases: phrasesHash(answer.event, events) }
  await answers.add(complete)
  return complete
}

/** 12 hex digits of the event's phrases; null for an event that the config does not have. */
export function phrasesHash(event: string, events: AnswerSources['events']): string | null {
  const settings = Object.hasOwn(events, event) ? events[event] : undefined
  if (settings === undefined) return null
  return createHash('sha256')
    .update(JSON.stringify(phrasesOf({ [event]: settings })))
    .digest('hex')
    .slice(0, 12)
}
