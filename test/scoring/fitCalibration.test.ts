import { describe, expect, test } from 'vitest'
import { fitCalibration, marginChange, marginsOf } from '../../src/scoring/fitCalibration.ts'
import type { ScoringTexts } from '../../src/scoringTypes.ts'

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

test('a margin is the logit of the event minus that of its contrast, whatever the length of the embedding', () => {
  expect(marginsOf([Float32Array.of(3, 0), Float32Array.of(0, 0.5)], texts)).toEqual([[10], [-10]])
})

describe('calibration', () => {
  const margins = [
    [-4, 1],
    [2, 7],
    [0.5, -3],
  ]
  const stretch = (row: number[]) => row.map(margin => 0.8 * margin - 1.5)

  test('a variant that stretches and shifts all margins gets the same scores', () => {
    const { centre, width } = fitCalibration(margins, margins.map(stretch), { centre: 2, width: 0.5 })
    expect(centre).toBeCloseTo(0.8 * 2 - 1.5, 12)
    expect(width).toBeCloseTo(0.8 * 0.5, 12)
  })

  test('a variant that lost the order, or a scene that never changes, keeps the calibration', () => {
    const calibration = { centre: 2, width: 0.5 }
    expect(
      fitCalibration(
        margins,
        margins.map(row => row.map(margin => -margin)),
        calibration,
      ),
    ).toBe(calibration)
    expect(fitCalibration([[1], [1]], [[2], [3]], calibration)).toBe(calibration)
  })
})

describe('the change of margins', () => {
  const reference = Array.from({ length: 200 }, (_, i) => [i / 20])

  test('what all margins share is no change', () => {
    expect(
      marginChange(
        reference,
        reference.map(([margin]) => [1.5 * margin! - 2]),
      ),
    ).toBeCloseTo(0, 9)
  })

  test('is the 99th percentile of the rest, in nats of the reference', () => {
    // Every second margin is 0.3 too high, every other one 0.3 too low: the line keeps its place.
    const moved = reference.map(([margin], i) => [2 * (margin! + (i % 2 === 0 ? 0.3 : -0.3))])
    expect(marginChange(reference, moved)).toBeCloseTo(0.3, 2)
  })

  test('is NaN when the order is lost', () => {
    expect(
      marginChange(
        reference,
        reference.map(([margin]) => [-margin!]),
      ),
    ).toBeNaN()
  })
})
