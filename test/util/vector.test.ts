import { expect, test } from 'vitest'
import { dot } from '../../src/util/vector.ts'

test('the dot product of every length is the sum of all products', () => {
  for (const length of [0, 1, 3, 4, 5, 8, 511]) {
    const a = Float32Array.from({ length }, (_, i) => i + 1)
    const squares = (length * (length + 1) * (2 * length + 1)) / 6
    expect(dot(a, a)).toBe(squares)
  }
})
