import { expect, test } from 'vitest'
import type { Sample } from '../../../src/operators/detect/rule.ts'
import { NOTHING_STANDS, stopsStep } from '../../../src/operators/detect/stops.ts'
import { RESTING, triggerStep } from '../../../src/operators/detect/trigger.ts'
import { createRandom } from '../../../src/util/random.ts'

const RULE = { windowMs: 6000, trigger: { threshold: 0.5, release: 0.35 } }
const TRIGGER = { ...RULE.trigger, minOnMs: 1000, minOffMs: 2000, cooldownMs: 0, maxDurationMs: 3_600_000 }

/** What a camera sees at one moment: scores as in `Sample`, times in seconds. */
type View = Omit<Sample, 'at' | 'rawScore'> & { readonly rawScore?: number }

const EMPTY: View = { score: 0.1, motion: 0, settled: 0 }
const DRIVING: View = { score: 0.8, motion: 0.06, settled: 0 }
const STANDING: View = { score: 0.85, motion: 0, settled: 0.04 }

interface Scene {
  readonly seconds: number
  readonly at: (second: number) => View
}

/** Plays a scene; gives [start, end] in seconds of each event, and null for an end that did not come. */
function events({ seconds, at }: Scene, fps = 2): (readonly [number, number | null])[] {
  const random = createRandom(`scene at ${fps}`)
  let stops = NOTHING_STANDS
  let trigger = RESTING
  const found: [number, number | null][] = []
  for (let second = 0; second <= seconds; second += 1 / fps) {
    const view = at(second)
    const jitter = random.normal(0, 0.03)
    const sample = { rawScore: view.score, ...view, score: view.score + jitter, at: second * 1000 }
    const [next, evidence] = stopsStep(stops, sample, RULE)
    const [then, change] = triggerStep(trigger, evidence, sample.at, TRIGGER)
    stops = next
    trigger = then
    if (change?.type === 'start') found.push([change.at / 1000, null])
    if (change?.type === 'end') found.splice(-1, 1, [found.at(-1)?.[0] ?? Number.NaN, change.at / 1000])
  }
  return found
}

/** Drives in at 10 s, stands from 13 s (known to rest a second later) to `until`, is gone 2.5 s after. */
function stopping(until: number, second: number): View {
  if (second < 10 || second >= until + 2.5) return EMPTY
  if (second < 13) return DRIVING
  if (second >= until) return { ...DRIVING, settled: Math.max(0, 0.04 - (second - until) * 0.03) }
  return second < 14 ? { ...STANDING, settled: 0 } : STANDING
}

for (const fps of [1, 2, 5]) {
  test(`a vehicle that stops: from within 2 s of the stop to within 2 s of moving off, at ${fps} fps`, () => {
    for (const stood of [6, 12, 25]) {
      const [found, ...more] = events({ seconds: 60, at: second => stopping(13 + stood, second) }, fps)
      expect(more).toEqual([])
      expect(Math.abs((found?.[0] ?? 0) - 13)).toBeLessThanOrEqual(2)
      expect(Math.abs((found?.[1] ?? 0) - (13 + stood))).toBeLessThanOrEqual(2)
    }
  })
}

test('one that drives through is none, though the smoothed score lags behind', () => {
  const at = (second: number): View => {
    if (second >= 10 && second < 14) return DRIVING
    if (second >= 14 && second < 17)
      return { score: 0.8 - (second - 14) * 0.2, rawScore: 0.05, motion: 0, settled: 0.004 }
    return EMPTY
  }
  expect(events({ seconds: 40, at })).toEqual([])
})

test('the flank of a bus that passes slowly rests for a moment, and is none', () => {
  const flank = [0.02, 0.05, 0.09, 0.06, 0.03, 0.01]
  const at = (second: number): View => {
    if (second < 10 || second >= 16) return EMPTY
    return { score: 0.85, motion: 0.15, settled: flank[Math.floor(second - 10)] ?? 0 }
  }
  expect(events({ seconds: 40, at })).toEqual([])
})

test('a car that was always parked is none when a walker or another car has just passed', () => {
  const parked: View = { score: 0.8, motion: 0, settled: 0 }
  const at = (second: number): View => {
    if (second >= 10 && second < 14) return { ...parked, motion: 0.012 }
    if (second >= 20 && second < 23) return { ...parked, score: 0.9, motion: 0.07 }
    return parked
  }
  expect(events({ seconds: 60, at })).toEqual([])
})

test('people who stand about while cars drive through are none', () => {
  const at = (second: number): View => {
    const people = second > 5 ? 0.02 : 0
    const car = second % 12 > 9
    return { score: car ? 0.8 : 0.1, motion: car ? 0.06 : 0.004, settled: people }
  }
  expect(events({ seconds: 120, at })).toEqual([])
})

test('walkers who pass a standing vehicle neither end nor split it', () => {
  const at = (second: number): View => {
    const view = stopping(35, second)
    const passes = second > 18 && second < 30
    return passes ? { ...view, motion: 0.015, settled: view.settled * 0.8 } : view
  }
  expect(events({ seconds: 60, at })).toHaveLength(1)
})

test('one that stops in a busy picture is found, a little later', () => {
  const at = (second: number): View => {
    const view = stopping(35, second)
    return { ...view, motion: Math.max(view.motion, 0.04) }
  }
  const [found, ...more] = events({ seconds: 60, at })
  expect(more).toEqual([])
  expect(found?.[0]).toBeGreaterThan(13)
  expect(found?.[0]).toBeLessThan(20)
})

test('a shadow that settles without motion, and a thing that no word fits, are none', () => {
  const shadow = (second: number): View => ({ score: 0.8, motion: 0, settled: second > 20 ? 0.05 : 0 })
  expect(events({ seconds: 60, at: shadow })).toEqual([])
  const crate = (second: number): View => ({ ...stopping(35, second), score: 0.2 })
  expect(events({ seconds: 60, at: crate })).toEqual([])
})
