import { expect, test } from 'vitest'
import { extended } from '../../../../src/demo/world/views/extended.ts'

test('a way continues straight at both ends', () => {
  const way = [
    [0, 0],
    [3, 4],
    [3, 10],
  ] as const
  expect(extended(way, 5, 2)).toEqual([[-3, -4], ...way, [3, 12]])
})

test('an end that is not extended remains', () => {
  const way = [
    [0, 0],
    [0, 1],
  ] as const
  expect(extended(way, 0, 0)).toEqual(way)
})
