import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { atThreshold } from '../../src/operators/detect/atThreshold.ts'
import { cameraStep, endAll, UNWATCHED } from '../../src/operators/detect/cameraStep.ts'
import type { DetectRule } from '../../src/operators/detect/detectRule.ts'
import { createThresholdLadder, fromBusiest, LADDER } from '../../src/trial/thresholdLadder.ts'
import type { EventChange, ScoredFrame, Signal } from '../../src/types.ts'
import { scored, status } from '../support/frames.ts'

const TRIGGER = {
  threshold: 0.5,
  releaseThreshold: 0.35,
  minOnMs: 1000,
  minOffMs: 2000,
  cooldownMs: 4000,
  maxDurationMs: 20_000,
}
const RULES: readonly DetectRule[] = [
  { rule: 'present', trigger: TRIGGER },
  { rule: 'level', trigger: { ...TRIGGER, cooldownMs: 0 } },
  { rule: 'moves', motionWindowMs: 6000, trigger: TRIGGER },
  { rule: 'stops', motionWindowMs: 6000, trigger: { ...TRIGGER, cooldownMs: 0 } },
  { rule: 'loiters', dwellMs: 5000, trigger: TRIGGER },
  { rule: 'leaves', holdMs: 6000, trigger: { ...TRIGGER, cooldownMs: 0 } },
]
const GAP_MS = 30_000
const THRESHOLDS = [0.3, 0.5, 0.7, 0.9]

/** Each threshold on its own, as a live pipeline would do it. */
function oneByOne(signals: readonly Signal<ScoredFrame>[], rule: DetectRule): EventChange['after'][][] {
  return THRESHOLDS.map(threshold => {
    const options = {
      rules: new Map([['van', atThreshold(rule, threshold)]]),
      updateEveryMs: Number.POSITIVE_INFINITY,
      gapMs: GAP_MS,
    }
    let state = UNWATCHED
    const all: EventChange[] = []
    for (const signal of signals) {
      const [next, changes] = cameraStep(state, signal, options)
      state = next
      all.push(...changes)
    }
    all.push(...endAll(state, 'shutdown'))
    return all.filter(({ type }) => type === 'end').map(({ after }) => after)
  })
}

const step = fc.record({
  score: fc.constantFrom(0, 0.2, 0.4, 0.6, 0.8, 0.95),
  motion: fc.constantFrom(0, 0.02, 0.1),
  settled: fc.constantFrom(0, 0.005, 0.05, 0.06),
  lasts: fc.integer({ min: 1, max: 8 }),
  gap: fc.constantFrom(1000, 1000, 1000, 1000, 40_000),
  goes: fc.constantFrom(false, false, false, false, false, true),
})

function film(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): Signal<ScoredFrame>[] {
  let at = 0
  return steps.flatMap(({ score, motion, settled, lasts, gap, goes }) => {
    const frames = Array.from({ length: lasts }, () => {
      at += 1000
      return scored('gate', at, { van: score }, { motion, settled })
    })
    at += gap - 1000
    return goes ? [...frames, status('gate', at, 'offline')] : frames
  })
}

describe.each(RULES)('rule $rule', rule => {
  test('reports at every threshold what live detection reports there', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), steps => {
        const signals = film(steps)
        const ladder = createThresholdLadder({ event: 'van', rule, gapMs: GAP_MS, thresholds: THRESHOLDS })
        for (const signal of signals) ladder.take(signal)
        const found = ladder
          .finish()
          .levels.map(({ alarms }) =>
            alarms.map(({ startTime, endTime, topScore, topTime }) => ({ startTime, endTime, topScore, topTime })),
          )
        const expected = oneByOne(signals, rule).map(events =>
          events
            .map(({ startTime, endTime, topScore, topTime }) => ({ startTime, endTime, topScore, topTime }))
            .sort((a, b) => a.startTime - b.startTime),
        )
        expect(found).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })
})

test('counts the time that was watched by day, without gaps', () => {
  const ladder = createThresholdLadder({ event: 'van', rule: RULES[0] as DetectRule, gapMs: GAP_MS })
  const midnight = 86_400_000
  for (const at of [-20_000, -10_000, 0, 10_000, 50_000, 60_000]) ladder.take(scored('gate', midnight + at, { van: 0 }))
  const [watched] = ladder.finish().watched
  expect(watched?.camera).toBe('gate')
  expect([...(watched?.days ?? [])].map(([day, fraction]) => [day, Math.round(fraction * midnight)])).toEqual([
    [0, 10_000],
    [1, 30_000],
  ])
})

test('an alarm has the view and the embedding of its peak', () => {
  const ladder = createThresholdLadder({ event: 'van', rule: RULES[0] as DetectRule, gapMs: GAP_MS, thresholds: [0.5] })
  const frames = [0.6, 0.7, 0.9, 0.8, 0, 0, 0, 0].map((score, i) => scored('gate', i * 1000, { van: score }))
  for (const frame of frames) ladder.take(frame)
  const [alarm] = ladder.finish().levels[0]?.alarms ?? []
  expect(alarm).toMatchObject({
    camera: 'gate',
    topScore: 0.9,
    topTime: 2000,
    seen: { at: 2000, view: 'whole', world: 'whole', light: 'day' },
  })
  expect(alarm?.seen?.embedding).toBe(frames[2]?.views[0]?.embedding)
})

test('the ladder ascends from everyday scores to nearly certain ones', () => {
  expect(LADDER[0]).toBeCloseTo(0.3, 2)
  expect(LADDER.at(-1)).toBeGreaterThan(0.99)
  expect(LADDER).toEqual([...new Set(LADDER)].sort((a, b) => a - b))
})

test('levels at which alarms run together are left out', () => {
  const alarm = { camera: 'gate', startTime: 0, endTime: 1, topScore: 1, topTime: 0, seen: null }
  const level = (threshold: number, count: number) => ({ threshold, alarms: Array(count).fill(alarm) })
  const past = { levels: [level(0.3, 1), level(0.4, 3), level(0.5, 3), level(0.6, 2)], watched: [] }
  expect(fromBusiest(past).levels.map(({ threshold }) => threshold)).toEqual([0.4, 0.5, 0.6])
  expect(fromBusiest({ levels: [level(0.3, 0), level(0.4, 0)], watched: [] }).levels).toHaveLength(2)
})
