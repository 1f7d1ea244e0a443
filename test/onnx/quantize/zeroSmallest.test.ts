import { expect, test } from 'vitest'
import { zeroSmallest } from '../../../src/onnx/quantize/zeroSmallest.ts'
import { createRandom } from '../../../src/util/random.ts'

test('removes the smallest by size, whatever their sign', () => {
  const { values, removed } = zeroSmallest(Float32Array.of(3, -0.1, 0.2, -4, 0.3, 1, -2, 5, 6, -7), 0.3)
  expect(removed).toBe(3)
  expect([...values]).toEqual([3, 0, 0, -4, 0, 1, -2, 5, 6, -7])
})

test('removes exactly the count even when all are equal', () => {
  const { values } = zeroSmallest(new Float32Array(10).fill(2), 0.3)
  expect([...values].filter(value => value === 0)).toHaveLength(3)
})

test('counts as torch does: round half to even', () => {
  expect(zeroSmallest(new Float32Array(5).fill(1), 0.5).removed).toBe(2)
  expect(zeroSmallest(new Float32Array(7).fill(1), 0.5).removed).toBe(4)
})

test('does not change its input', () => {
  const random = createRandom('zero')
  const weights = Float32Array.from({ length: 1000 }, () => random.normal(0, 1))
  const before = weights.slice()
  const { values } = zeroSmallest(weights, 0.5)
  expect(weights).toEqual(before)
  const kept = Math.min(...values.filter(value => value !== 0).map(Math.abs))
  const lost = weights.filter((_, i) => values[i] === 0).map(Math.abs)
  expect(Math.max(...lost)).toBeLessThanOrEqual(kept)
  expect(lost).toHaveLength(500)
})

test('amount 0 removes nothing', () => {
  expect(zeroSmallest(Float32Array.of(1, 2), 0)).toEqual({ values: Float32Array.of(1, 2), removed: 0 })
})
