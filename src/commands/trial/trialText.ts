/** What `trial` prints on a terminal. */

import type { Choice } from '../../trial/chooseThreshold.ts'
import { type Prediction, watchedDays } from '../../trial/predictAlarms.ts'
import { rateText } from '../../trial/rateText.ts'
import { DAY_MS } from '../../trial/trialTypes.ts'
import { pluralize } from '../../util/pluralize.ts'
import { howLong } from '../past/howLong.ts'
import { limitsOf, type TrialResult } from './trialResult.ts'

export function trialText(result: TrialResult): string {
  const { choice, saved, unsaved, notes } = result
  return [
    headline(result),
    choice === null ? nothingNear(result) : lines(rowsOf(result, choice)),
    ...(choice?.better ? [betterText(choice.better)] : []),
    ...sentences([...notes, ...limitsOf(result)]),
    ...(saved === null ? [] : [savedText(saved)]),
    ...(unsaved === null ? [] : [`Not saved. The config needs:\n${unsaved}`]),
  ].join('\n\n')
}

function headline({ asked, zone, cameras, past, moments }: TrialResult): string {
  const phrases = (asked.settings.prompts ?? []).map(phrase => `“${phrase}”`).join(', ')
  const where = zone === null ? '' : `, zone ${zone}`
  const names = cameras.map(({ camera }) => camera).join(', ')
  const long = howLong(watchedDays(past.watched) * DAY_MS)
  return [
    `${asked.name}: ${phrases}, rule ${asked.settings.rule}${where}`,
    `Looked at ${long} of ${names}: ${pluralize(moments, 'moment')} may be the event`,
  ].join('\n')
}

function rowsOf({ asked, budget, past }: TrialResult, choice: Choice): [string, string][] {
  const { threshold, prediction, overBudget, precision, answeredTrue, answeredFalse } = choice
  const present = asked.isConfigured ? `, now ${asked.settings.threshold}` : ''
  return [
    ['threshold', `${threshold}${present}`],
    ['alarms', `${pluralize(prediction.alarms, 'alarm')} in that time; ${intervalText(prediction)}`],
    ['budget', overBudget === null ? `${rateText(budget)}: kept` : overText(choice, budget, watchedDays(past.watched))],
    ...(precision === null ? [] : [['right', oddsText(precision)] as [string, string]]),
    ...(answeredTrue.of === 0
      ? []
      : [['caught', `${answeredTrue.caught} of ${answeredTrue.of} that you answered with yes`] as [string, string]]),
    ...(answeredFalse.of === 0
      ? []
      : [
          ['wrong', `${answeredFalse.rings} of ${answeredFalse.of} that you answered with no would still ring`] as [
            string,
            string,
          ],
        ]),
  ]
}

/** `about 0.9 a day; between 0.3 and 1.7 a day in the next 7 days, in 90 of 100 such weeks` */
function intervalText({ expectedPerDay, interval, horizonDays }: Prediction): string {
  return `about ${rateText(expectedPerDay)} expected, ${countText(interval.low * horizonDays)} to ${countText(interval.high * horizonDays)} in the next ${horizonDays} days (90 % interval)`
}

function countText(count: number): string {
  return Math.round(count).toLocaleString('en')
}

function overText({ threshold, prediction }: Choice, budget: number, days: number): string {
  const advice =
    days * budget < 1
      ? 'So short a past cannot show whether the budget is kept: try again after some days'
      : 'Use other words, a contrast (--against), a rule, or a zone'
  return `${rateText(budget)} cannot be kept: even at ${threshold} it would have rung ${rateText(prediction.perDay)} in that time, ${rateText(prediction.perDay - budget)} too often. ${advice}`
}

function oddsText(precision: number): string {
  const odds = precision / (1 - precision)
  const text = odds >= 1 ? `${Number(odds.toPrecision(2))} : 1` : `1 : ${Number((1 / odds).toPrecision(2))}`
  return `about ${Math.round(precision * 100)} of 100 alarms (odds ${text})`
}

function betterText({ budget, threshold, more }: NonNullable<Choice['better']>): string {
  return `With a budget of ${rateText(budget)} (threshold ${threshold}), about ${Math.max(1, Math.round(more))} more true ones of that time would have been caught.`
}

function nothingNear({ past }: TrialResult): string {
  const lowest = past.levels[0]?.threshold
  return `Nothing in that time came near the event${lowest === undefined ? '' : `: no score held above ${lowest}`}.`
}

function savedText({ path, event, threshold }: NonNullable<TrialResult['saved']>): string {
  return `Saved as ${event} with threshold ${threshold} in ${path}. A running Watchword that uses this file takes it over within seconds.`
}

function lines(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([title]) => title.length))
  return rows.map(([title, text]) => `  ${title.padEnd(width)}  ${text}`).join('\n')
}

function sentences(texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [texts.map(text => `${text}.`).join('\n')]
}
