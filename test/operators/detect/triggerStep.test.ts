import fc from 'fast-check'
import { expect, test } from 'vitest'
import { restingUntil, type TriggerOptions, triggerStep } from '../../../src/operators/detect/triggerStep.ts'
import { createRandom } from '../../../src/util/random.ts'

const OPTIONS: TriggerOptions = {
  threshold: 0.6,
  releaseThreshold: 0.4,
  minOnMs: 1000,
  minOffMs: 2000,
  cooldownMs: 0,
  maxDurationMs: 3_600_000,
}

/** Plays [ms, level, ms since when it is so] and gives the changes: `start 1000`, `end 5000 score`. */
function play(
  points: Iterable<readonly [at: number, level: number, since?: number]>,
  options: Partial<TriggerOptions> = {},
): string[] {
  let state = restingUntil(0)
  const changes: string[] = []
  for (const [at, level, since = at] of points) {
    const [next, change] = triggerStep(state, { level, since }, at, { ...OPTIONS, ...options })
    state = next
    if (change) changes.push(change.type === 'start' ? `start ${change.at}` : `end ${change.at} ${change.reason}`)
  }
  return changes
}

/** A point every `periodMs` of the evidence at that time. */
function curve(untilMs: number, evidence: (at: number) => number, periodMs = 500): [number, number][] {
  return Array.from({ length: Math.floor(untilMs / periodMs) + 1 }, (_, i) => [i * periodMs, evidence(i * periodMs)])
}

/** The same, from a rule that learns everything `lateMs` late. */
function late(points: readonly (readonly [number, number])[], lateMs: number): [number, number, number][] {
  return points.map(([at, level]) => [at, level, at - lateMs])
}

const between = (from: number, to: number) => (at: number) => (at >= from && at < to ? 0.9 : 0.1)

test('starts when the evidence rose, ends when it fell', () => {
  expect(play(curve(20_000, between(3000, 9000)))).toEqual(['start 3000', 'end 9000 score'])
})

test('shorter than min_on is nothing, and a gap shorter than min_off is none', () => {
  expect(play(curve(20_000, between(3000, 3500)))).toEqual([])
  const dip = (at: number) => (at >= 6000 && at < 7500 ? 0.1 : between(3000, 12_000)(at))
  expect(play(curve(20_000, dip))).toEqual(['start 3000', 'end 12000 score'])
})

test('between releaseThreshold and threshold nothing changes', () => {
  expect(play(curve(20_000, () => 0.5))).toEqual([])
  const sags = (at: number) => (at < 3000 ? 0.1 : at < 6000 ? 0.9 : at < 15_000 ? 0.5 : 0.1)
  expect(play(curve(20_000, sags))).toEqual(['start 3000', 'end 15000 score'])
})

test('noise around the threshold makes one event, not many', () => {
  const random = createRandom('noise')
  const noisy = curve(60_000, at => (at < 10_000 || at >= 40_000 ? 0.1 : 0.62) + random.normal(0, 0.06))
  expect(play(noisy)).toHaveLength(2)
})

test('no new event within the cooldown; one that waits starts when it is over', () => {
  const twice = (at: number) => Math.max(between(1000, 5000)(at), between(8000, 30_000)(at))
  expect(play(curve(40_000, twice), { cooldownMs: 10_000 })).toEqual([
    'start 1000',
    'end 5000 score',
    'start 15000',
    'end 30000 score',
  ])
})

test('ends after max_duration, and starts again only after the evidence was gone', () => {
  const long = (at: number) => Math.max(between(1000, 30_000)(at), between(40_000, 45_000)(at))
  expect(play(curve(60_000, long), { maxDurationMs: 10_000 })).toEqual([
    'start 1000',
    'end 11000 max_duration',
    'start 40000',
    'end 45000 score',
  ])
})

test('with no min_on and no min_off every crossing counts at once', () => {
  const options = { minOnMs: 0, minOffMs: 0 }
  expect(
    play(
      [
        [0, 0.1],
        [100, 0.9],
        [200, 0.1],
        [300, 0.9],
      ],
      options,
    ),
  ).toEqual(['start 100', 'end 200 score', 'start 300'])
})

test('the sample rate moves an event by no more than one period, and dropped frames do not split it', () => {
  const truth = between(10_000, 30_000)
  for (const periodMs of [40, 200, 500, 1000]) {
    const [start = '', end = '', ...more] = play(curve(60_000, truth, periodMs))
    expect(more).toEqual([])
    expect(Number(start.split(' ')[1]) - 10_000).toBeLessThanOrEqual(periodMs)
    expect(Number(end.split(' ')[1]) - 30_000).toBeLessThanOrEqual(periodMs)
  }
  const random = createRandom('drops')
  const thinned = curve(60_000, truth, 200).filter(() => random.chance(0.3))
  expect(play(thinned)).toHaveLength(2)
})

test('evidence that knows since when it is so dates the start and the end', () => {
  expect(play(late(curve(20_000, between(8000, 14_000)), 3000))).toEqual(['start 5000', 'end 11000 score'])
})

test('what it said when it turned counts, not what it says while that is made certain', () => {
  const slips = curve(20_000, between(8000, 14_000)).map(([at, level]) => [at, level, at - (at % 2000)] as const)
  expect(play(slips)).toEqual(['start 8000', 'end 14000 score'])
})

test('min_on and min_off are counted by the frames that show it, however long it is said to have been so', () => {
  expect(play(late(curve(20_000, between(8000, 8500)), 3000))).toEqual([])
  const dip = (at: number) => (at >= 10_000 && at < 11_500 ? 0.1 : between(8000, 14_000)(at))
  expect(play(late(curve(20_000, dip), 3000))).toEqual(['start 5000', 'end 11000 score'])
})

test('an event begins neither before the trigger was free, nor before the last one ended and cooled down', () => {
  const twice = curve(30_000, at => Math.max(between(1000, 6000)(at), between(9000, 15_000)(at)))
  expect(play(late(twice, 4000))).toEqual(['start 0', 'end 2000 score', 'start 5000', 'end 11000 score'])
  expect(play(late(twice, 8000))).toEqual(['start 0', 'end 0 score', 'start 1000', 'end 7000 score'])
  expect(play(late(twice, 4000), { cooldownMs: 6000 })).toEqual([
    'start 0',
    'end 2000 score',
    'start 8000',
    'end 11000 score',
  ])
})

test('an event does not end before it began', () => {
  const points = curve(20_000, between(8000, 12_000)).map(([at, level]) => [at, level, level > 0.5 ? at : 0] as const)
  expect(play(points)).toEqual(['start 8000', 'end 8000 score'])
})

test('max_duration is counted from the start; one that is published later than that ends with the next frame', () => {
  const long = late(curve(30_000, between(8000, 25_000)), 5000)
  expect(play(long, { maxDurationMs: 10_000 })).toEqual(['start 3000', 'end 13000 max_duration'])
  expect(play(long, { maxDurationMs: 4000 })).toEqual(['start 3000', 'end 9500 max_duration'])
})

test('whatever the curve: starts and ends alternate, in order, none shorter or closer than allowed', () => {
  const point = fc.tuple(
    fc.integer({ min: 1, max: 3000 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 0, max: 10_000 }),
  )
  fc.assert(
    fc.property(fc.array(point, { maxLength: 80 }), fc.integer({ min: 0, max: 5000 }), (steps, cooldownMs) => {
      let at = 0
      const points = steps.map(([step, level, lateMs]) => {
        at += step
        return [at, level, at - lateMs] as const
      })
      const changes = play(points, { cooldownMs, maxDurationMs: 20_000 }).map(text => text.split(' '))
      changes.forEach(([type, time], index) => {
        expect(type).toBe(index % 2 === 0 ? 'start' : 'end')
        const free = index === 0 ? 0 : Number(changes[index - 1]?.[1]) + (type === 'start' ? cooldownMs : 0)
        expect(Number(time)).toBeGreaterThanOrEqual(free)
      })
    }),
  )
})
