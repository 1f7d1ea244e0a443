import fc from 'fast-check'
import { expect, test } from 'vitest'
import { selectSmallest } from '../../../src/onnx/quantize/selectSmallest.ts'

test('equals sorting', () => {
  const arrays = fc.array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.float({ noNaN: true })), { minLength: 1 })
  fc.assert(
    fc.property(arrays, fc.nat(), (numbers, n) => {
      const k = n % numbers.length
      const sorted = Float32Array.from(numbers).sort()
      // + 0 makes −0 and 0 one: sorting distinguishes them, comparing does not.
      expect(selectSmallest(Float32Array.from(numbers), k) + 0).toBe((sorted[k] as number) + 0)
    }),
  )
})

test('refuses an index outside', () => {
  expect(() => selectSmallest(new Float32Array(3), 3)).toThrow('[0, 3), got 3')
})
