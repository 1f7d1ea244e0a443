/** The result of `trial` as JSON: times in seconds since the epoch, rates in alarms a day. */

import { type Prediction, watchedDays } from '../../trial/predictAlarms.ts'
import type { Candidate } from '../../trial/trialTypes.ts'
import { limitsOf, type TrialResult } from './trialResult.ts'

export function trialJson(result: TrialResult): string {
  const { asked, zone, budget, cameras, past, moments, choice, saved, notes } = result
  const json = {
    event: asked.name,
    prompts: asked.settings.prompts ?? [],
    negative_prompts: asked.settings.negative_prompts ?? [],
    rule: asked.settings.rule,
    zone,
    cameras: cameras.map(({ camera, from, to }) => ({ camera, from: from / 1000, to: to / 1000 })),
    history_days: round(watchedDays(past.watched)),
    moments,
    budget_per_day: round(budget),
    present_threshold: asked.settings.threshold,
    threshold: choice?.threshold ?? null,
    ...(choice === null ? { alarms: null } : predictionJson(choice.prediction)),
    over_budget_per_day: choice?.overBudget ?? null,
    precision: choice?.precision ?? null,
    answered: choice && {
      yes: choice.answeredTrue.of,
      yes_caught: choice.answeredTrue.caught,
      no: choice.answeredFalse.of,
      no_rings: choice.answeredFalse.rings,
    },
    better: choice?.better && {
      budget_per_day: round(choice.better.budget),
      threshold: choice.better.threshold,
      more_true: round(choice.better.more),
    },
    saved,
    notes: [...notes, ...limitsOf(result)],
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

export function predictionJson({ alarms, perDay, expectedPerDay, interval, horizonDays }: Prediction) {
  return {
    alarms,
    per_day: round(perDay),
    expected_per_day: round(expectedPerDay),
    interval_per_day: [round(interval.low), round(interval.high)],
    horizon_days: horizonDays,
  }
}

/** `--print-questions`: to be filled in and passed back with `--answers`. @param pictures paths for each question */
export function questionsJson(
  event: string,
  questions: readonly Candidate[],
  pictures: readonly (readonly string[])[] = [],
): string {
  const list = questions.map(({ id, camera, topTime, topScore, startTime, endTime, seen }, i) => ({
    moment: id,
    camera,
    time: topTime / 1000,
    score: round(topScore),
    start_time: startTime / 1000,
    end_time: endTime / 1000,
    view: seen?.view ?? null,
    pictures: pictures[i] ?? [],
    answer: null,
  }))
  return `${JSON.stringify({ event, questions: list }, null, 2)}\n`
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
