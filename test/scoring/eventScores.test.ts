import { expect, test } from 'vitest'
import { decisionsOf } from '../../src/onnx/measure/agreement.ts'
import { normalizedRows } from '../../src/onnx/session/normalizedRows.ts'
import { eventScores } from '../../src/scoring/eventScores.ts'
import { marginsOf } from '../../src/scoring/fitCalibration.ts'
import { createRandom } from '../../src/util/random.ts'
import { sigmoid } from '../../src/util/vector.ts'
import { car, crowd, texts } from '../support/carAndCrowd.ts'

const embedding = Float32Array.of(0.8, 0.6)

test('the margin over the contrast phrases, calibrated', () => {
  // By hand: 10·0.8 − log((e^(10·0.6) + e^(10·0.96)) / 2) = 8 − log((403.4 + 14764.8) / 2) = −0.934;
  // sigmoid((−0.934 − 1) / 2) = 0.2755.
  expect(eventScores(embedding, texts, [car])).toEqual({ car: expect.closeTo(0.2755, 4) })
})

test('adding an event changes no other score', () => {
  const alone = eventScores(embedding, texts, [car]).car
  expect(eventScores(embedding, texts, [car, crowd]).car).toBe(alone)
})

test('levels: the mean position on the scale under their softmax', () => {
  // By hand: softmax of 8, 9.6, 6 over levels 0, ½, 1: (0.5·14764.8 + 403.4) / (2981.0 + 14764.8 + 403.4) = 0.4290.
  expect(eventScores(embedding, texts, [crowd])).toEqual({ crowd: expect.closeTo(0.429, 4) })
  const clear = { ...texts, logitScale: 100 }
  expect(eventScores(Float32Array.of(1, 0), clear, [crowd]).crowd).toBeCloseTo(0, 6)
  expect(eventScores(Float32Array.of(0, 1), clear, [crowd]).crowd).toBeCloseTo(1, 6)
})

test('extreme logits give scores in [0, 1]', () => {
  const harsh = { ...texts, logitScale: 1e5 }
  for (const [, value] of Object.entries(eventScores(embedding, harsh, [car, crowd]))) {
    expect(value).toBeGreaterThanOrEqual(0)
    expect(value).toBeLessThanOrEqual(1)
  }
})

test('the pipeline and the quality gate give a frame the same score and decision', () => {
  const random = createRandom('same score')
  const frames = Array.from({ length: 200 }, () => Float32Array.from({ length: 2 }, () => random.between(-3, 3)))
  const margins = marginsOf(frames, texts)
  const decisions = decisionsOf(frames, texts)
  const { centre, width } = texts.calibration
  let yes = 0
  for (const [i, raw] of frames.entries()) {
    // The live encoder normalises its output; the gate gets it as it is.
    const scores = eventScores(normalizedRows(raw, 1), texts, texts.events)
    expect(scores.car).toBeCloseTo(sigmoid((margins[i]![0]! - centre) / width), 5)
    if (Object.values(scores).every(value => Math.abs(value - 0.5) > 1e-5))
      expect(decisions[i]).toEqual(texts.events.map(({ event }) => scores[event]! >= 0.5))
    yes += decisions[i]!.filter(Boolean).length
  }
  // Both answers occur, so that equal decisions mean something.
  expect(yes).toBeGreaterThan(50)
  expect(yes).toBeLessThan(350)
})
