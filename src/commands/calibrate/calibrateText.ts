/** What `calibrate` prints: one line for each event, and what would change. */

import type { Prediction } from '../../trial/predictAlarms.ts'
import { rateText } from '../../trial/rateText.ts'
import { pluralize } from '../../util/pluralize.ts'
import { table } from '../report/table.ts'
import { predictionJson } from '../trial/trialJson.ts'
import type { Calibrated, CalibratedEvent } from './calibrateEvents.ts'

export interface CalibrateResult extends Calibrated {
  /** Alarms a day. */
  readonly budget: number
  /** Path of the config; null: it was not written. */
  readonly written: string | null
}

export function calibrateText(result: CalibrateResult): string {
  const { events, unwatched, notes, budget, written } = result
  const changes = events.filter(({ isChanged }) => isChanged)
  const left = 'left' as const
  const summary =
    changes.length === 0
      ? 'Nothing to change.'
      : written === null
        ? `${pluralize(changes.length, 'threshold')} would change; --write changes them in the config.`
        : `${pluralize(changes.length, 'threshold')} changed in ${written}. A running Watchword that uses this file takes it over within seconds.`
  return [
    `Budget of each event: ${rateText(budget)}, on all cameras together`,
    table(
      [
        { title: 'event', align: left, cell: row => row.event },
        { title: 'threshold', cell: row => thresholdText(row) },
        {
          title: 'alarms a day',
          cell: row => `${rateOf(row.now)}${row.isChanged ? ` → ${rateOf(row.choice?.prediction)}` : ''}`,
        },
        { title: 'next 7 days (90 %)', cell: row => intervalOf(row) },
        { title: 'why', align: left, cell: row => whyOf(row, budget) },
      ],
      events,
    ),
    ...[...notes, ...unwatched.map(event => `No camera with history watches ${event}`)].map(note => `${note}.`),
    summary,
  ].join('\n\n')
}

export function calibrateJson({ budget, events, unwatched, notes, written }: CalibrateResult): string {
  const json = {
    budget_per_day: budget,
    events: events.map(({ event, cameras, present, now, choice, isChanged }) => ({
      event,
      cameras,
      present_threshold: present,
      threshold: isChanged ? choice?.threshold : present,
      changed: isChanged,
      at_present: now && predictionJson(now),
      at_threshold: choice && predictionJson(choice.prediction),
      over_budget_per_day: choice?.overBudget ?? null,
      precision: choice?.precision ?? null,
      answered: choice && {
        yes: choice.answeredTrue.of,
        yes_caught: choice.answeredTrue.caught,
        no: choice.answeredFalse.of,
        no_rings: choice.answeredFalse.rings,
      },
    })),
    unwatched,
    notes,
    written,
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

function thresholdText({ present, choice, isChanged }: CalibratedEvent): string {
  return isChanged ? `${present} → ${choice?.threshold}` : `${present}`
}

function rateOf(prediction: Prediction | null | undefined): string {
  return prediction ? String(Number(prediction.perDay.toPrecision(2))) : '0'
}

function intervalOf({ choice, now, isChanged }: CalibratedEvent): string {
  const prediction = isChanged ? choice?.prediction : now
  if (!prediction) return '–'
  const { interval, horizonDays } = prediction
  return `${Math.round(interval.low * horizonDays)} to ${Math.round(interval.high * horizonDays)}`
}

function whyOf({ choice, now, isChanged }: CalibratedEvent, budget: number): string {
  if (choice === null || now === null) return 'nothing came near it'
  if (choice.overBudget !== null)
    return `no threshold keeps the budget: ${rateText(choice.overBudget)} too often even at ${choice.threshold}`
  const { answeredTrue, answeredFalse } = choice
  const answers = answeredTrue.of + answeredFalse.of
  const right =
    answers === 0
      ? ''
      : `; catches ${answeredTrue.caught} of ${answeredTrue.of} right ones, ${answeredFalse.rings} of ${answeredFalse.of} wrong ones ring`
  if (!isChanged) return `keeps the budget${right}`
  return `${now.perDay > budget ? 'rang too often' : 'from answers'}${right}`
}
