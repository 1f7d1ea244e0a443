import { expect, test } from 'vitest'
import { rateInterval } from '../../src/scoring/rateInterval.ts'

/** Half of the 0.05 and 0.95 quantiles of chi-square with 2k and 2k + 2 degrees of freedom, from printed tables. */
test.each([
  [0, 0, 2.996],
  [1, 0.0513, 4.744],
  [2, 0.3554, 6.296],
  [5, 1.97, 10.513],
  [10, 5.425, 16.962],
  [50, 38.965, 63.287],
])('%i events fit means from %f to %f', (count, least, most) => {
  const [from, to] = rateInterval(count, 1)
  expect(from).toBeCloseTo(least, 2)
  expect(to).toBeCloseTo(most, 2)
})

test('per unit: the same events in twice the time are half the rate', () => {
  const [from, to] = rateInterval(7, 1)
  expect(rateInterval(7, 2)).toEqual([from / 2, to / 2])
})

test('thousands of events have an interval around them', () => {
  const [from, to] = rateInterval(40_000, 1)
  expect([Math.round(from / 100), Math.round(to / 100)]).toEqual([397, 403])
})
