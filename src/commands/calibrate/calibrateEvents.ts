/** The thresholds that a budget asks for, of all events of the config at once. */

import type { Answer } from '../../answers/answer.ts'
import { candidatesOf } from '../../trial/candidatesOf.ts'
import { type Choice, chooseThreshold } from '../../trial/chooseThreshold.ts'
import { matchVerdicts } from '../../trial/matchVerdicts.ts'
import { type Prediction, predictAlarms } from '../../trial/predictAlarms.ts'
import type { TrialPast } from '../../trial/trialTypes.ts'
import { chosenHistories } from '../past/chosenHistories.ts'
import type { Past } from '../past/openPast.ts'
import type { TimeRange } from '../past/pastTime.ts'
import { climbPast } from '../trial/climbPast.ts'
import { watchStateOf } from '../watchStateOf.ts'

export interface CalibrateOptions {
  /** null: every camera with history. */
  readonly cameras: readonly string[] | null
  readonly range: TimeRange
  /** Most alarms a day of one event, on all cameras together. */
  readonly budget: number
  readonly answers: readonly Answer[]
  /** Position in the past of all cameras, [0, 1]. */
  readonly onProgress: (fraction: number) => void
}

export interface CalibratedEvent {
  readonly event: string
  /** Cameras whose past counts. */
  readonly cameras: readonly string[]
  readonly present: number
  /** At the present threshold; null when not one moment came near. */
  readonly now: Prediction | null
  /** null: as above. */
  readonly choice: Choice | null
  readonly isChanged: boolean
}

export interface Calibrated {
  readonly events: readonly CalibratedEvent[]
  /** Events that no camera with history watches. */
  readonly unwatched: readonly string[]
  readonly notes: readonly string[]
}

/** @throws WatchwordError `invalid-option`, `history-missing` */
export async function calibrateEvents(past: Past, options: CalibrateOptions): Promise<Calibrated> {
  const { config } = past
  const chosen = chosenHistories(past.histories, options.cameras, options.range)
  const known = chosen.cameras.filter(({ camera }) => Object.hasOwn(config.cameras, camera))
  const texts = await past.texts(config.events)
  const watchState = watchStateOf(config, texts)
  const climbed = await climbPast(past, { watchState, texts, cameras: known, onProgress: options.onProgress })
  const names = Object.keys(config.events)
  return {
    events: names.flatMap(event => {
      const own = climbed.get(event)
      return own === undefined ? [] : [calibrated(event, own, config.events[event]?.threshold ?? 0.5, options)]
    }),
    unwatched: names.filter(event => !climbed.has(event)),
    notes: chosen.notes,
  }
}

function calibrated(
  event: string,
  past: TrialPast,
  present: number,
  { budget, answers }: CalibrateOptions,
): CalibratedEvent {
  const candidates = candidatesOf(past)
  const cameras = past.watched.map(({ camera }) => camera)
  if (candidates.length === 0) return { event, cameras, present, now: null, choice: null, isChanged: false }
  const given = answers.filter(answer => answer.event === event)
  const { verdicts } = matchVerdicts(
    candidates,
    given.map(({ camera, at, yes }) => ({ camera, at, isTrue: yes })),
  )
  const choice = chooseThreshold({ past, candidates, verdicts, budget, present })
  const nearest = past.levels.find(({ threshold }) => threshold >= present) ?? past.levels.at(-1)
  const now =
    nearest === undefined ? null : predictAlarms(nearest, { past, ...(past.levels[0] && { busier: past.levels[0] }) })
  // Between two levels of the ladder nothing is known to be better, and where no threshold keeps the budget a higher one
  // only silences the event: the present threshold stays.
  const isChanged = nearest !== undefined && choice.threshold !== nearest.threshold && choice.overBudget === null
  return { event, cameras, present, now, choice, isChanged }
}
