/** The result of a trial, as text and as JSON print it. */

import type { Choice } from '../../trial/chooseThreshold.ts'
import { watchedDays } from '../../trial/predictAlarms.ts'
import type { TrialPast } from '../../trial/trialTypes.ts'
import type { AskedEvent } from '../past/askedEvent.ts'
import type { CameraRange } from './climbPast.ts'

export interface TrialResult {
  readonly asked: AskedEvent
  readonly zone: string | null
  /** Alarms a day. */
  readonly budget: number
  readonly cameras: readonly CameraRange[]
  readonly past: TrialPast
  /** Moments that may be the event. */
  readonly moments: number
  /** Null when not one moment came near the event. */
  readonly choice: Choice | null
  /** Of the file of answers, those about no moment of this past. */
  readonly unmatched: number
  /** Path of the config that has the event now, under which name and with which threshold; null: not saved. */
  readonly saved: { readonly path: string; readonly event: string; readonly threshold: number } | null
  /** What the config needs, when it could not be written; null otherwise. */
  readonly unsaved: string | null
  readonly notes: readonly string[]
}

/** A day of history says little about a week. */
const ENOUGH_DAYS = 1.5

/** What the past cannot show, in sentences. */
export function limitsOf({ past, choice, unmatched, cameras }: TrialResult): string[] {
  const days = watchedDays(past.watched)
  const answered = choice === null ? 0 : choice.answeredTrue.of + choice.answeredFalse.of
  return [
    ...(days < ENOUGH_DAYS
      ? ['There are less than two days of history: other hours and days may differ, so the interval is wide']
      : []),
    ...(choice !== null && answered === 0
      ? ['No moment was answered: only the number of alarms decides, and how many are right is unknown']
      : []),
    ...(unmatched > 0
      ? [
          `${unmatched} of the answers are about moments that the history of ${cameras.map(({ camera }) => camera).join(', ')} does not have`,
        ]
      : []),
  ]
}
