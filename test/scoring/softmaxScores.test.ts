import { expect, test } from 'vitest'
import { softmaxScores } from '../../src/scoring/softmaxScores.ts'
import { car, crowd, texts } from '../support/carAndCrowd.ts'

const embedding = Float32Array.of(0.8, 0.6)

test('all events against each other: the scores add up to 1', () => {
  // By hand: 1 / (1 + e^(10·(0.6 − 0.8))) = 0.8808.
  expect(softmaxScores(embedding, texts, [car, crowd])).toEqual({
    car: expect.closeTo(0.8808, 4),
    crowd: expect.closeTo(0.1192, 4),
  })
})
