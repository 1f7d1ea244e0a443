import fc from 'fast-check'
import { expect, test } from 'vitest'
import { atThreshold } from '../../src/operators/detect/atThreshold.ts'
import type { DetectRule } from '../../src/operators/detect/detectRule.ts'
import { createThresholdDetectors, detectAt } from '../../src/operators/detectAt.ts'
import { withoutImages } from '../../src/operators/withoutImages.ts'
import type { EventChange, ScoredFrame, Signal } from '../../src/types.ts'
import { changes, curve, OPTIONS, PRESENT, run } from '../support/detectRun.ts'
import { scored, status } from '../support/frames.ts'

const spans = (all: readonly EventChange[]) =>
  all.flatMap(({ type, after }) =>
    type === 'end' ? [[after.camera, after.startTime, after.endTime, after.topScore, after.endReason]] : [],
  )

test('a lower threshold starts earlier, a higher one never', () => {
  const frames = curve([0.1, 0.3, 0.7, 0.9, 0.1, 0.1])
  const runs = detectAt(frames, OPTIONS, [0.25, 0.6, 0.95])
  expect(runs.map(({ threshold, changes: found }) => [threshold, spans(found)])).toEqual([
    [0.25, [['one', 1000, 5000, 0.9, 'shutdown']]],
    [0.6, [['one', 2000, 4000, 0.9, 'score']]],
    [0.95, []],
  ])
})

const rules: readonly DetectRule[] = [
  { ...PRESENT, trigger: { ...PRESENT.trigger, minOnMs: 1000, minOffMs: 2000, cooldownMs: 3000 } },
  { rule: 'loiters', dwellMs: 3000, trigger: PRESENT.trigger },
  { rule: 'leaves', holdMs: 2000, trigger: PRESENT.trigger },
  { rule: 'moves', motionWindowMs: 2000, trigger: PRESENT.trigger },
  { rule: 'stops', motionWindowMs: 4000, trigger: PRESENT.trigger },
]

const fraction = fc.integer({ min: 0, max: 20 }).map(twentieths => twentieths / 20)

const signals = fc
  .array(
    fc.record({
      score: fraction,
      motion: fc.constantFrom(0, 0.01, 0.1),
      settled: fc.constantFrom(0, 0.02, 0.1),
      camera: fc.constantFrom('one', 'two'),
      kind: fc.constantFrom('frame', 'frame', 'frame', 'frame', 'frame', 'offline', 'dark'),
      elapsedMs: fc.constantFrom(250, 1000, 1000, 1000, 40_000, -500),
    }),
    { maxLength: 60 },
  )
  .map(steps => {
    let at = 0
    return steps.map(({ score, motion, settled, camera, kind, elapsedMs }): Signal<ScoredFrame> => {
      at += elapsedMs
      if (kind === 'offline') return status(camera, at, 'offline')
      return scored(camera, at, { car: score }, { motion, settled, problem: kind === 'dark' ? 'dark' : null })
    })
  })

test('every run is what `detect` finds with that threshold in its rule, for every rule', () => {
  fc.assert(
    fc.property(signals, fc.constantFrom(...rules), fc.array(fraction, { maxLength: 4 }), (all, rule, thresholds) => {
      const options = { rules: () => new Map([['car', rule]]), gapMs: 30_000 }
      const runs = detectAt(all, options, thresholds)
      expect(runs.map(({ threshold }) => threshold)).toEqual(thresholds)
      for (const { threshold, changes: found } of runs) {
        const { trigger } = rule
        const { releaseThreshold } = atThreshold(rule, threshold).trigger
        const one = new Map([['car', { ...rule, trigger: { ...trigger, threshold, releaseThreshold } }]])
        expect(spans(found)).toEqual(spans(changes(run(all, { ...options, rules: () => one }))))
      }
    }),
    { numRuns: 300 },
  )
})

test('frames without images, one by one, give the same events', () => {
  fc.assert(
    fc.property(signals, fc.constantFrom(...rules), (all, rule) => {
      const options = { rules: () => new Map([['car', rule]]), gapMs: 30_000 }
      const detectors = createThresholdDetectors(options, [0.3, 0.6])
      for (const signal of all) detectors.take(signal.kind === 'frame' ? withoutImages(signal) : signal)
      expect(detectors.end().map(({ changes: found }) => spans(found))).toEqual(
        detectAt(all, options, [0.3, 0.6]).map(({ changes: found }) => spans(found)),
      )
    }),
    { numRuns: 100 },
  )
})

test('a frame without images keeps what rules look at, and nothing large', () => {
  const [full] = curve([0.5], 0, { jpeg: new Uint8Array(9) })
  const slim = withoutImages(full as ScoredFrame)
  expect([slim.frame.jpeg, slim.frame.pixels.length, slim.views[0]?.embedding.length]).toEqual([null, 0, 0])
  expect(slim.scores).toEqual(full?.scores)
  expect(slim.views[0]?.view).toEqual(full?.views[0]?.view)
})
