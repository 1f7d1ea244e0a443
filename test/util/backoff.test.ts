import { expect, test } from 'vitest'
import { backoffDelay } from '../../src/util/backoff.ts'

const policy = { firstMs: 100, maxMs: 1000 }

test('the wait doubles with each failure up to its bound', () => {
  expect([1, 2, 3, 4, 5, 5000].map(failures => backoffDelay(policy, failures))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ])
})

test('jitter is the fraction of the wait that is random', () => {
  expect(backoffDelay({ ...policy, jitter: 0.5 }, 1, 0)).toBe(50)
  expect(backoffDelay({ ...policy, jitter: 1 }, 1, 0)).toBe(0)
  expect(backoffDelay({ ...policy, jitter: 1 }, 1, 0.25)).toBe(25)
})

test('another factor grows more slowly', () => {
  expect(backoffDelay({ ...policy, factor: 1.5 }, 3)).toBe(225)
})
