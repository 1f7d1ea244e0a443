import { expect, test } from 'vitest'
import { compareEmbeddings, largestDifference } from '../../../src/onnx/measure/compareEmbeddings.ts'

const right = Float32Array.of(2, 0)
const diagonal = Float32Array.of(1, 1)
const up = Float32Array.of(0, 3)

test('cosines over frames', () => {
  const { mean, min, frames } = compareEmbeddings([right, right, up], [right, diagonal, up])
  expect(frames).toBe(3)
  expect(min).toBeCloseTo(Math.SQRT1_2, 6)
  expect(mean).toBeCloseTo((2 + Math.SQRT1_2) / 3, 6)
})

test('refuses sides of different length, and none', () => {
  expect(() => compareEmbeddings([right], [])).toThrow('got 1 and 0')
  expect(() => compareEmbeddings([], [])).toThrow('got 0 and 0')
})

test('the largest difference is a fraction of the norm', () => {
  expect(largestDifference([up, right], [Float32Array.of(0, 3.03), right])).toBeCloseTo(0.01, 5)
  expect(largestDifference([up], [up])).toBe(0)
})
