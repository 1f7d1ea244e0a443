/** What a trial promises, and what the next week then brings: simulated places, a person who answers truthfully. */

import { FRAME_GAP_MS, watchStateOf } from '../src/commands/watchStateOf.ts'
import { parseConfig } from '../src/config/loadConfig.ts'
import { readLibrary } from '../src/config/promptLibrary.ts'
import type { DetectRule } from '../src/operators/detect/detectRule.ts'
import { candidatesOf } from '../src/trial/candidatesOf.ts'
import { chooseThreshold } from '../src/trial/chooseThreshold.ts'
import { interview } from '../src/trial/interview.ts'
import { createThresholdLadder, fromBusiest } from '../src/trial/thresholdLadder.ts'
import type { Alarm, Level, TrialPast } from '../src/trial/trialTypes.ts'
import { quantile } from '../src/util/vector.ts'
import { NO_TEXTS } from '../test/support/noTexts.ts'
import type { Measurement } from './report.ts'
import { type Episode, EVENT, type SimulatedWeek, simulatePlace } from './trialWorld.ts'

export interface TrialOptions {
  /** Number of simulated places. Default 100. */
  readonly seeds?: string | undefined
  /** Name of the seeds. Default: those that are reported; others are for development. */
  readonly name?: string | undefined
}

const QUESTIONS = 10
const DAYS = 7

interface Result {
  readonly isInside: boolean
  readonly keepsBudget: boolean
  readonly trueOnes: number
  readonly caught: number
  /** By the best threshold that keeps the budget in the week to come. */
  readonly oracleCaught: number
  readonly answers: number
  readonly seconds: number
  readonly expectedPerDay: number
  readonly perDay: number
  readonly width: number
  readonly precision: number | null
  readonly realPrecision: number | null
}

export async function benchTrial({ seeds = '100', name = 'trial' }: TrialOptions): Promise<Measurement> {
  const results: Result[] = []
  for (let i = 0; i < Number(seeds); i++) results.push(await tryPlace(`${name}-${i}`))
  const inside = results.filter(({ isInside }) => isInside).length
  const total = (of: (result: Result) => number) => results.reduce((sum, result) => sum + of(result), 0)
  const ratios = (of: (result: Result) => number) =>
    results.filter(({ trueOnes }) => trueOnes > 0).map(result => of(result) / result.trueOnes)
  const recall = ratios(({ caught }) => caught)
  const oracle = ratios(({ oracleCaught }) => oracleCaught)
  const seconds = results.map(result => result.seconds).sort((a, b) => a - b)
  return {
    name: 'trial',
    isTrial: results.length < 100 || name !== 'trial',
    title: 'Trials',
    method: `${results.length} simulated places of one or two cameras, each with its own kinds of objects, two weeks long; days and weeks differ. A trial sees the first week, asks a person who answers truthfully, and chooses a threshold; the second week shows what that is worth. Scores are simulated; the rule, the trigger, the questions and the threshold are those of \`watchword trial\`.`,
    columns: ['', 'result', 'target'],
    rows: [
      ['alarms a day inside the predicted 90 % interval', `${inside} of ${results.length}`, '≥ 85 of 100'],
      [
        'recall in the week to come, all true ones together',
        ratio(total(({ caught }) => caught) / total(({ trueOnes }) => trueOnes)),
        '≥ 0.85',
      ],
      ['the same, mean over places (lowest tenth)', `${ratio(mean(recall))} (${ratio(quantile(recall, 0.1))})`, ''],
      [
        'recall of the best threshold at that budget, chosen afterwards',
        ratio(total(({ oracleCaught }) => oracleCaught) / total(({ trueOnes }) => trueOnes)),
        '',
      ],
      ['mean over places of the same', ratio(mean(oracle)), ''],
      [
        'answers, mean (most)',
        `${mean(results.map(({ answers }) => answers)).toFixed(1)} (${Math.max(...results.map(({ answers }) => answers))})`,
        '≤ 10',
      ],
      [
        'alarms a day: expected, realised',
        `${mean(results.map(each => each.expectedPerDay)).toFixed(2)}, ${mean(results.map(each => each.perDay)).toFixed(2)}`,
        '',
      ],
      [
        'width of the interval, alarms a day, median',
        quantile(
          results.map(({ width }) => width),
          0.5,
        ).toFixed(2),
        '',
      ],
      [
        'weeks within the budget',
        `${results.filter(({ keepsBudget }) => keepsBudget).length} of ${results.length}`,
        '',
      ],
      [
        'precision: promised, realised',
        `${ratio(mean(results.flatMap(({ precision }) => precision ?? [])))}, ${ratio(mean(results.flatMap(({ realPrecision }) => realPrecision ?? [])))}`,
        '',
      ],
      [
        'seconds of a trial, median (most)',
        `${quantile(seconds, 0.5).toFixed(2)} (${(seconds.at(-1) ?? 0).toFixed(2)})`,
        '≤ 60',
      ],
    ],
    notes: [
      'Seconds: rules and triggers at all thresholds, questions and choice; the simulation of the scores is among them, reading and scoring a history is not.',
    ],
  }
}

async function tryPlace(seed: string): Promise<Result> {
  const place = simulatePlace(seed)
  const started = performance.now()
  const past = fromBusiest(climb(place.past))
  const candidates = candidatesOf(past)
  const isTrue = (moment: Alarm) => place.past.episodes.some(episode => episode.isTrue && shows(episode, moment))
  const { verdicts, asked } = await interview({
    past,
    candidates,
    budget: place.budget,
    verdicts: new Map(),
    questions: QUESTIONS,
    ask: async moment => isTrue(moment),
  })
  const choice = chooseThreshold({ past, candidates, verdicts, budget: place.budget, present: 0.5 })
  const seconds = (performance.now() - started) / 1000

  const truths = place.future.episodes.filter(episode => episode.isTrue)
  const future = climb(place.future).levels
  const level = future.find(({ threshold }) => threshold === choice.threshold) ?? { threshold: 1, alarms: [] }
  const perDay = level.alarms.length / DAYS
  const affordable = future.filter(({ alarms }) => alarms.length / DAYS <= place.budget)
  const { interval, expectedPerDay } = choice.prediction
  const right = level.alarms.filter(alarm => truths.some(episode => shows(episode, alarm))).length
  return {
    isInside: perDay >= interval.low - 1e-9 && perDay <= interval.high + 1e-9,
    keepsBudget: perDay <= place.budget,
    trueOnes: truths.length,
    caught: caughtBy(level, truths),
    oracleCaught: Math.max(0, ...affordable.map(one => caughtBy(one, truths))),
    answers: asked.length,
    seconds,
    expectedPerDay,
    perDay,
    width: interval.high - interval.low,
    precision: choice.precision,
    realPrecision: level.alarms.length === 0 ? null : right / level.alarms.length,
  }
}

function climb(week: SimulatedWeek): TrialPast {
  const ladder = createThresholdLadder({ event: EVENT, rule: rule(), gapMs: FRAME_GAP_MS })
  for (const frame of week.frames()) ladder.take(frame)
  return ladder.finish()
}

/** The default rule of a config. */
function rule(): DetectRule {
  const text = JSON.stringify({
    cameras: { gate: { url: 'demo:street' } },
    events: { [EVENT]: { prompts: ['a van'] } },
  })
  const { config } = parseConfig(text, 'trial.yaml', { library: readLibrary(), env: {} })
  const found = watchStateOf(config, NO_TEXTS).events[0]
  if (found === undefined) throw new Error('Expected an event')
  return found.rule
}

function caughtBy({ alarms }: Level, truths: readonly Episode[]): number {
  return truths.filter(episode => alarms.some(alarm => shows(episode, alarm))).length
}

function shows({ camera, from, to }: Episode, alarm: Alarm): boolean {
  return alarm.camera === camera && alarm.startTime <= to && alarm.endTime >= from
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function ratio(value: number): string {
  return value.toFixed(3)
}
