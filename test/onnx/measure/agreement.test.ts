import { expect, test } from 'vitest'
import { agreementOf, decisionsOf } from '../../../src/onnx/measure/agreement.ts'
import type { ScoringTexts } from '../../../src/scoringTypes.ts'

const east = Float32Array.of(1, 0)
const north = Float32Array.of(0, 1)
const texts: ScoringTexts = {
  variant: 'fp32',
  logitScale: 10,
  calibration: { centre: 2, width: 1 },
  events: [
    { event: 'east', positive: east, contrast: [north], levels: null },
    { event: 'full', positive: east, contrast: [north], levels: [north, east] },
  ],
}

test('decides by score, or by level for events with levels', () => {
  const half = Float32Array.of(Math.cos(0.7), Math.sin(0.7))
  // At 0.7 rad the margin is 10 · (0.765 − 0.644) = 1.21: below the centre of 2, but on the eastern side of the scale.
  expect(decisionsOf([east, half, north], texts)).toEqual([
    [true, true],
    [false, true],
    [false, false],
  ])
})

test('agreement is the fraction of equal decisions', () => {
  const ours = [
    [true, false],
    [true, true],
  ]
  expect(agreementOf(ours, ours)).toEqual({ share: 1, decisions: 4, positives: 3 })
  expect(agreementOf(ours, [[true, true], ours[1] ?? []]).share).toBe(0.75)
  expect(agreementOf([], [])).toEqual({ share: 1, decisions: 0, positives: 0 })
})
