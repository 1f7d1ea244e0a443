import { expect, test } from 'vitest'
import { areaUnderRoc, foundAt } from '../../bench/real/roc.ts'

test('the area is the fraction of pairs in the right order; a tie is half a pair', () => {
  expect(areaUnderRoc([3, 4], [1, 2])).toBe(1)
  expect(areaUnderRoc([1], [2, 3])).toBe(0)
  // Pairs: 2>1, 2=2, 2<3, 5>1, 5>2, 5>3.
  expect(areaUnderRoc([2, 5], [1, 2, 3])).toBe(4.5 / 6)
})

test('found at a false fraction is what the lowest threshold finds that lets so many through', () => {
  const without = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
  const withEvent = [5.5, 9, 9.5, 10, 11]
  expect(foundAt(withEvent, without, 0)).toBe(1 / 5)
  expect(foundAt(withEvent, without, 0.1)).toBe(3 / 5)
  expect(foundAt(withEvent, without, 0.2)).toBe(4 / 5)
  expect(foundAt(withEvent, without, 1)).toBe(1)
})
