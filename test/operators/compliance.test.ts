import { createBackpressure } from '../../src/operators/backpressure.ts'
import { detect } from '../../src/operators/detect.ts'
import { embedEvery } from '../../src/operators/embedEvery.ts'
import { embedLatest } from '../../src/operators/embedLatest.ts'
import { markStill } from '../../src/operators/markStill.ts'
import { score } from '../../src/operators/score.ts'
import { smooth } from '../../src/operators/smooth.ts'
import type { ScoringTexts } from '../../src/scoringTypes.ts'
import { describeCompliance } from '../support/compliance.ts'
import { fakeEncoder } from '../support/fakeEncoder.ts'
import { encoded, frame, scored } from '../support/frames.ts'

const texts: ScoringTexts = {
  variant: 'fake',
  logitScale: 10,
  calibration: { centre: 0, width: 1 },
  events: [{ event: 'car', positive: Float32Array.of(1, 0), contrast: [Float32Array.of(0, 1)], levels: null }],
}
const trigger = { threshold: 0.5, releaseThreshold: 0.4, minOnMs: 0, minOffMs: 0, cooldownMs: 0, maxDurationMs: 1e6 }
const still = (at: number) => at % 40 !== 0

describeCompliance('markStill', {
  operator: () => markStill({ enabled: true, threshold: 0.01, refreshMs: 100 }),
  frame,
})
describeCompliance('embedLatest', {
  operator: telemetry => embedLatest(fakeEncoder(), { maxBatch: 4, maxQueueDelayMs: 30 }, telemetry),
  frame: (camera, at) => frame(camera, at, { still: still(at) }),
})
describeCompliance('embedLatest with a failing encoder', {
  operator: telemetry =>
    embedLatest(fakeEncoder({ fails: (_, at) => at % 200 < 100 }), { maxBatch: 4, maxQueueDelayMs: 30 }, telemetry),
  frame: (camera, at) => frame(camera, at, { still: still(at) }),
})
describeCompliance('embedEvery', {
  operator: telemetry => embedEvery(fakeEncoder(), { maxBatch: 4, backpressure: createBackpressure() }, telemetry),
  frame: (camera, at) => frame(camera, at, { still: still(at) }),
})
describeCompliance('embedEvery with a failing encoder', {
  operator: telemetry =>
    embedEvery(
      fakeEncoder({ fails: (_, at) => at % 200 < 100 }),
      { maxBatch: 4, backpressure: createBackpressure() },
      telemetry,
    ),
  frame: (camera, at) => frame(camera, at, { still: still(at) }),
})
describeCompliance('score', {
  operator: () => score({ texts: () => texts, watched: () => ['car'], mode: 'two-way' }),
  frame: (camera, at) => encoded(camera, at),
})
describeCompliance('smooth', {
  operator: () => smooth({ tauMs: () => 100, median: 3, gapMs: 60_000 }),
  frame: (camera, at) => scored(camera, at, { car: 0.5 }),
})
describeCompliance('detect', {
  operator: () =>
    detect({ rules: () => new Map([['car', { rule: 'present', trigger }]]), updateEveryMs: 0, gapMs: 60_000 }),
  frame: (camera, at) => scored(camera, at, { car: at % 100 < 50 ? 0.9 : 0.1 }),
})
