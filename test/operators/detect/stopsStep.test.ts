import { expect, test } from 'vitest'
import type { Sample } from '../../../src/operators/detect/evidence.ts'
import { NOTHING_STOPPED, stopsStep } from '../../../src/operators/detect/stopsStep.ts'
import { restingUntil, triggerStep } from '../../../src/operators/detect/triggerStep.ts'
import { REST_MS } from '../../../src/operators/markStill/sceneStep.ts'
import { createRandom } from '../../../src/util/random.ts'

const RULE = { motionWindowMs: 6000, trigger: { threshold: 0.5, releaseThreshold: 0.35 } }
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

/** All in seconds; `to` is NaN for an end that did not come. */
interface Found {
  readonly from: number
  readonly to: number
  readonly toldAt: number
}

/** Plays a scene. */
function events({ seconds, at }: Scene, fps = 2): readonly Found[] {
  const random = createRandom(`scene at ${fps}`)
  let stops = NOTHING_STOPPED
  let trigger = restingUntil(0)
  const found: Found[] = []
  for (let second = 0; second <= seconds; second += 1 / fps) {
    const view = at(second)
    const jitter = random.normal(0, 0.03)
    const sample = { rawScore: view.score, ...view, score: view.score + jitter, at: second * 1000 }
    const [next, evidence] = stopsStep(stops, sample, RULE)
    const [then, change] = triggerStep(trigger, evidence, sample.at, TRIGGER)
    stops = next
    trigger = then
    if (change?.type === 'start') found.push({ from: change.at / 1000, to: Number.NaN, toldAt: second })
    if (change?.type === 'end') found.push({ ...(found.pop() as Found), to: change.at / 1000 })
  }
  return found
}

/** When the gate knows that what stands from 13 s on rests. */
const RESTS_AT = 13 + REST_MS / 1000

/** Drives in at 10 s, stands from 13 s to `until`, is gone 2.5 s after. */
function stopping(until: number, second: number): View {
  if (second < 10 || second >= until + 2.5) return EMPTY
  if (second < 13) return DRIVING
  if (second >= until) return { ...DRIVING, settled: 0.04 - (second - until) * 0.012 }
  return second < RESTS_AT ? { ...STANDING, settled: 0 } : STANDING
}

/** A frame late at most; the end half a second more, for so long it is nearly whole. */
function expectDates(found: Found | undefined, { from, to, fps }: { from: number; to: number; fps: number }): void {
  const frame = 1 / fps + 0.01
  expect(found?.from).toBeGreaterThan(from - 0.01)
  expect(found?.from).toBeLessThan(from + frame)
  expect(found?.to).toBeGreaterThan(to - frame)
  expect(found?.to).toBeLessThan(to + 0.5 + frame)
}

for (const fps of [1, 2, 5]) {
  test(`a vehicle that stops: from when it stands to when it begins to move off, published within 4 s, at ${fps} fps`, () => {
    for (const stood of [6, 12, 25]) {
      const [found, ...more] = events({ seconds: 60, at: second => stopping(13 + stood, second) }, fps)
      expect(more).toEqual([])
      expectDates(found, { from: 13, to: 13 + stood, fps })
      expect(found?.toldAt).toBeLessThanOrEqual(17)
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

test('one that stops in a busy picture is published later, and dated as well', () => {
  const at = (second: number): View => {
    const view = stopping(35, second)
    return { ...view, motion: Math.max(view.motion, 0.04) }
  }
  const [found, ...more] = events({ seconds: 60, at })
  expect(more).toEqual([])
  expectDates(found, { from: 13, to: 35, fps: 2 })
  expect(found?.toldAt).toBeGreaterThan(17)
  expect(found?.toldAt).toBeLessThan(20)
})

/** The vehicle of `stopping`, with something before it, or away under another one that fits the words, from 25 s on. */
function hidden(seconds: number, second: number): View {
  const view = stopping(35, second)
  return second < 25 || second >= 25 + seconds ? view : { ...view, motion: 0.2, settled: 0.004 }
}

test('a bus that passes before a standing vehicle does not split it', () => {
  for (const seconds of [0.5, 1, 2.5]) {
    const [found, ...more] = events({ seconds: 60, at: second => hidden(seconds, second) })
    expect(more).toEqual([])
    expectDates(found, { from: 13, to: 35, fps: 2 })
  }
})

test('what does not come back has moved off: when it was last seen whole', () => {
  const [found, ...more] = events({ seconds: 60, at: second => (second < 32 ? hidden(60, second) : EMPTY) })
  expect(more).toEqual([])
  expectDates(found, { from: 13, to: 24.5, fps: 2 })
})

test('what comes back after longer than a bus takes is another one', () => {
  const found = events({ seconds: 60, at: second => hidden(6, second) })
  expect(found).toHaveLength(2)
  expectDates(found[0], { from: 13, to: 24.5, fps: 2 })
})

test('one that was half hidden for long before it moved off ends when it did, not when it was hidden', () => {
  const at = (second: number): View => {
    const view = stopping(35, second)
    return second < 25 ? view : { ...view, settled: view.settled * 0.7 }
  }
  const [found, ...more] = events({ seconds: 60, at })
  expect(more).toEqual([])
  expectDates(found, { from: 13, to: 35, fps: 2 })
})

test('where the words cease to fit it ends then, though the thing goes on standing', () => {
  const at = (second: number): View => ({ ...stopping(40, second), ...(second < 30 ? {} : { score: 0.1 }) })
  const [found] = events({ seconds: 60, at })
  expect(found?.to).toBe(30)
})

test('a calm proof that is broken by motion, once published, ends when that moved and not before', () => {
  const at = (second: number): View => ({ ...stopping(35, second), ...(second === 15 ? { motion: 0.05 } : {}) })
  const samples = [0, 9, 10, 11, 12, 13, 14.5, 15].map(second => ({ second, ...at(second) }))
  let state = NOTHING_STOPPED
  const all = samples.map(({ second, ...view }) => {
    const [next, evidence] = stopsStep(state, { rawScore: view.score, ...view, at: second * 1000 }, RULE)
    state = next
    return evidence
  })
  expect(all.slice(-2)).toEqual([
    { level: 0.85, since: 13_300 },
    { level: 0, since: 15_000 },
  ])
})

test('a shadow that settles without motion, and a thing that no word fits, are none', () => {
  const shadow = (second: number): View => ({ score: 0.8, motion: 0, settled: second > 20 ? 0.05 : 0 })
  expect(events({ seconds: 60, at: shadow })).toEqual([])
  const crate = (second: number): View => ({ ...stopping(35, second), score: 0.2 })
  expect(events({ seconds: 60, at: crate })).toEqual([])
})
