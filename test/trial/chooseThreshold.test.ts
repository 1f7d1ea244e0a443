import { describe, expect, test } from 'vitest'
import { countInterval } from '../../src/scoring/countInterval.ts'
import { candidatesOf } from '../../src/trial/candidatesOf.ts'
import { chooseThreshold } from '../../src/trial/chooseThreshold.ts'
import { interview } from '../../src/trial/interview.ts'
import { isAlike, nextQuestion } from '../../src/trial/nextQuestion.ts'
import { parseBudget } from '../../src/trial/parseBudget.ts'
import { predictAlarms } from '../../src/trial/predictAlarms.ts'
import { rateText } from '../../src/trial/rateText.ts'
import { LADDER } from '../../src/trial/thresholdLadder.ts'
import { type Alarm, DAY_MS, type TrialPast } from '../../src/trial/trialTypes.ts'

const HOUR = DAY_MS / 24

/** One alarm every three hours for a week, with these scores in turn. */
function pastOf(scores: readonly number[], days = 7): TrialPast {
  const all = Array.from({ length: days * 8 }, (_, i): Alarm => {
    const startTime = i * 3 * HOUR
    const topScore = scores[i % scores.length] as number
    return { camera: 'gate', startTime, endTime: startTime + 10_000, topTime: startTime + 5000, topScore, seen: null }
  })
  return {
    levels: LADDER.map(threshold => ({ threshold, alarms: all.filter(({ topScore }) => topScore >= threshold) })),
    watched: [{ camera: 'gate', days: new Map(Array.from({ length: days }, (_, day) => [day, 1])) }],
  }
}

const choose = (past: TrialPast, verdicts: ReadonlyMap<string, boolean>, budget: number, present = 0.5) =>
  chooseThreshold({ past, candidates: candidatesOf(past), verdicts, budget, present })

describe('the threshold', () => {
  const past = pastOf([0.95, 0.55, 0.6, 0.65])
  const verdictsBy = (limit: number) =>
    new Map(
      candidatesOf(past)
        .slice(0, 10)
        .map(({ id, topScore }) => [id, topScore > limit]),
    )

  test('keeps the budget; a larger budget never gets a higher threshold', () => {
    const thresholds = [1, 2, 4, 6, 10].map(budget => {
      const { threshold, overBudget, prediction } = choose(past, new Map(), budget)
      if (overBudget === null) expect(prediction.perDay).toBeLessThanOrEqual(budget)
      return threshold
    })
    expect(thresholds).toEqual([...thresholds].sort((a, b) => b - a))
  })

  test('without answers stays where it is when it keeps the budget', () => {
    expect(choose(past, new Map(), 100, 0.5).threshold).toBe(LADDER.find(each => each >= 0.5))
    expect(choose(past, new Map(), 100, 0.8).threshold).toBe(LADDER.find(each => each >= 0.8))
  })

  test('lies between what was answered with yes and with no, though the budget would allow more', () => {
    const { threshold, answeredTrue, answeredFalse, precision } = choose(past, verdictsBy(0.9), 100)
    expect(threshold).toBeGreaterThan(0.65)
    expect(threshold).toBeLessThan(0.95)
    expect(answeredTrue.caught).toBe(answeredTrue.of)
    expect(answeredFalse.rings).toBe(0)
    expect(precision).toBeGreaterThan(0.8)
  })

  test('a few right answers do not make alarms certain', () => {
    const few = { ...past, levels: past.levels.map(level => ({ ...level, alarms: level.alarms.slice(0, 3) })) }
    const all = new Map(candidatesOf(few).map(({ id }) => [id, true]))
    expect(choose(few, all, 1000).precision).toBeCloseTo(3.5 / 4, 9)
  })

  test('the interval of a past of minutes holds what is expected', () => {
    const alarms = past.levels[0]?.alarms.slice(0, 20) ?? []
    const minutes = { watched: [{ camera: 'gate', days: new Map([[0, 5 / 1440]]) }] }
    const { expectedPerDay, interval } = predictAlarms({ threshold: 0.5, alarms }, { past: minutes })
    expect(interval.low).toBeGreaterThan(0)
    expect(interval.low).toBeLessThan(expectedPerDay)
    expect(interval.high).toBeGreaterThan(expectedPerDay)
  })

  test('names the budget that would catch more of what is true', () => {
    const { better, answeredTrue } = choose(past, verdictsBy(0.5), 2)
    expect(answeredTrue.caught).toBeLessThan(answeredTrue.of)
    expect(better?.budget).toBeCloseTo(8, 1)
    expect(better?.more).toBeGreaterThan(20)
  })

  test('says by how much a budget cannot be met', () => {
    const { threshold, overBudget } = choose(pastOf([0.999]), new Map(), 3)
    expect(threshold).toBe(LADDER.at(-1))
    expect(overBudget).toBeCloseTo(5, 5)
  })
})

describe('a prediction', () => {
  const level = (past: TrialPast) => past.levels[0] as TrialPast['levels'][number]

  test('has the past inside its interval, and is narrower with more days', () => {
    const widths = [2, 7, 28].map(days => {
      const past = pastOf([0.9], days)
      const { perDay, expectedPerDay, interval } = predictAlarms(level(past), { past })
      expect(perDay).toBeCloseTo(8, 5)
      expect(expectedPerDay).toBeCloseTo(8 + 0.5 / days, 5)
      expect(interval.low).toBeLessThan(8)
      expect(interval.high).toBeGreaterThan(8)
      return interval.high - interval.low
    })
    expect(widths).toEqual([...widths].sort((a, b) => b - a))
  })

  test('of what never rang is not never', () => {
    const past = pastOf([0.9])
    const { expectedPerDay, interval } = predictAlarms({ threshold: 0.95, alarms: [] }, { past })
    expect(expectedPerDay).toBeGreaterThan(0)
    expect(interval.low).toBe(0)
    expect(interval.high).toBeGreaterThan(0)
  })

  test('is wider where days differ', () => {
    const past = pastOf([0.9])
    const alarms = level(past).alarms.map(alarm => ({ ...alarm, startTime: alarm.startTime % DAY_MS }))
    const uneven = { levels: [{ threshold: 0.3, alarms }], watched: past.watched }
    const width = (one: TrialPast) => {
      const { interval } = predictAlarms(level(one), { past: one })
      return interval.high - interval.low
    }
    expect(width(uneven)).toBeGreaterThan(width(past) * 1.2)
  })
})

describe('an interval of counts', () => {
  // Poisson: tables of the cumulative distribution. P(X <= 0 | 0.05) = 0.951, P(X <= 5 | 10) = 0.067, P(X <= 4 | 10) = 0.029.
  test.each([
    [0, 0, 0],
    [0.05, 0, 0],
    [10, 5, 15],
    [100, 84, 117],
  ])('of mean %d as Poisson’s', (mean, low, high) => {
    expect(countInterval({ mean, variance: mean })).toEqual({ low, high })
  })

  test('is wider with more variance, and goes on smoothly where a formula takes over', () => {
    const narrow = countInterval({ mean: 10, variance: 10 })
    const wide = countInterval({ mean: 10, variance: 40 })
    expect(wide.high - wide.low).toBeGreaterThan(narrow.high - narrow.low)
    const [below, above] = [countInterval({ mean: 699, variance: 699 }), countInterval({ mean: 701, variance: 701 })]
    expect(Math.abs(above.low - below.low)).toBeLessThanOrEqual(4)
    expect(Math.abs(above.high - below.high)).toBeLessThanOrEqual(4)
  })
})

describe('questions', () => {
  const past = pastOf([0.95, 0.35, 0.45, 0.55, 0.6, 0.65, 0.8])
  const candidates = candidatesOf(past)
  const ask = { past, candidates, budget: 2, questions: 10, verdicts: new Map<string, boolean>() }

  test('are at most ten, of different moments, and end in the place where yes becomes no', async () => {
    const { asked, verdicts } = await interview({ ...ask, ask: async ({ topScore }) => topScore > 0.7 })
    expect(asked.length).toBeLessThanOrEqual(10)
    for (const [i, a] of asked.entries()) for (const b of asked.slice(0, i)) expect(isAlike(a, b)).toBe(false)
    const scores = asked.map(({ topScore }) => topScore)
    expect(scores.filter(score => score >= 0.55 && score <= 0.95).length).toBeGreaterThan(asked.length / 2)
    expect(new Set(verdicts.values())).toEqual(new Set([true, false]))
  })

  test('depend on the answers', async () => {
    const scoreAfter = (isTrue: boolean) => {
      const [first] = [nextQuestion({ ...ask, asked: new Set() })]
      const verdicts = new Map([[first?.id ?? '', isTrue]])
      return nextQuestion({ ...ask, verdicts, asked: new Set() })?.topScore ?? Number.NaN
    }
    expect(scoreAfter(true)).toBeLessThan(scoreAfter(false))
  })

  test('never show a near copy of what was asked', () => {
    const seen = { at: 0, view: 'whole', world: 'whole', light: 'day', embedding: Float32Array.of(1, 0) } as const
    const alike = candidates.map(each => ({ ...each, seen }))
    const first = nextQuestion({ ...ask, candidates: alike, asked: new Set() })
    expect(nextQuestion({ ...ask, candidates: alike, asked: new Set([first?.id ?? '']) })).toBeNull()
  })
})

test('budgets are read and rates written as people say them', () => {
  expect(['1', '1/day', '3/week', '2/hour', '2 an hour', '1 per month', ' 0.5/day '].map(parseBudget)).toEqual([
    1,
    1,
    3 / 7,
    48,
    48,
    1 / 30,
    0.5,
  ])
  expect(['', '0', '-1', '1/year', 'x', '1e3', 'Infinity'].map(parseBudget)).toEqual(Array(7).fill(null))
  expect([0, 1, 2 / 7, 48, 1234].map(rateText)).toEqual(['0 a day', '1 a day', '2 a week', '2 an hour', '51 an hour'])
})
