/** The odds that events are right, from the answers in force. */

import { type OddsAnswer, oddsOf } from '../scoring/oddsOf.ts'
import type { Answer } from './answer.ts'

/** Log-odds of scores nearer to 0 or 1 than a message shows them say no more. */
const LEAST = 0.0001

/** Answers about moments do not count: they were chosen by hand. @returns null for an event without answers */
export function answerOdds(
  answers: readonly Answer[],
): (camera: string, event: string, logOdds: number) => number | null {
  const byEvent = new Map<string, OddsAnswer[]>()
  for (const { camera, event, yes, isEvent, score } of answers) {
    if (!isEvent || score === null) continue
    const bounded = Math.max(LEAST, Math.min(1 - LEAST, score))
    const given = byEvent.get(event) ?? []
    byEvent.set(event, given)
    given.push({ camera, yes, logOdds: Math.log(bounded / (1 - bounded)) })
  }
  return (camera, event, logOdds) => oddsOf(byEvent.get(event) ?? [], { camera, logOdds })
}
