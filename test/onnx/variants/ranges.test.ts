import { expect, test } from 'vitest'
import { quantizeRange } from '../../../src/onnx/variants/ranges.ts'

test('a range is widened by a quarter and includes zero', () => {
  expect(quantizeRange({ min: -1, max: 1 })).toEqual({ scale: 2.5 / 255, zeroPoint: 128 })
  expect(quantizeRange({ min: 3, max: 4 })).toEqual({ scale: 5 / 255, zeroPoint: 0 })
  expect(quantizeRange({ min: -4, max: -3 })).toEqual({ scale: 5 / 255, zeroPoint: 255 })
})

test('zero is exact, and so are values that are always zero', () => {
  for (const range of [
    { min: -0.17, max: 9 },
    { min: -3, max: 0.001 },
  ]) {
    const { scale, zeroPoint } = quantizeRange(range)
    expect(Number.isInteger(zeroPoint)).toBe(true)
    expect((range.max / scale + zeroPoint) | 0).toBeLessThanOrEqual(255)
    expect(range.min / scale + zeroPoint).toBeGreaterThanOrEqual(0)
  }
  expect(quantizeRange({ min: 0, max: 0 })).toEqual({ scale: 1, zeroPoint: 0 })
})
