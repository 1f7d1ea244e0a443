import { expect, test } from 'vitest'
import { softmaxScores } from '../../src/scoring/softmaxScores.ts'
import type { EventText, ScoringTexts } from '../../src/types.ts'

const car: EventText = {
  event: 'car',
  positive: Float32Array.of(1, 0),
  contrast: [Float32Array.of(0, 1), Float32Array.of(0.6, 0.8)],
  levels: null,
}
const crowd: EventText = {
  event: 'crowd',
  positive: Float32Array.of(0, 1),
  contrast: [],
  levels: null,
}
const texts: ScoringTexts = {
  variant: 'fake',
  logitScale: 10,
  calibration: { centre: 1, width: 2 },
  events: [car, crowd],
}
const embedding = Float32Array.of(0.8, 0.6)

test('all events against each other: the scores add up to 1', () => {
  // By hand: 1 / (1 + e^(10·(0.6 − 0.8))) = 0.8808.
  expect(softmaxScores(embedding, texts, [car, crowd])).toEqual({
    car: expect.closeTo(0.8808, 4),
    crowd: expect.closeTo(0.1192, 4),
  })
})
