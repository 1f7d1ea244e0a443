import { expect, test } from 'vitest'
import { backoffMs, DEFAULT_BACKOFF } from '../../src/sources/backoff.ts'

const upTo = (failures: number, random = 0.999999) => backoffMs(DEFAULT_BACKOFF, 'eof', failures, random)

test('doubles from one second to a minute', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 5000].map(failures => upTo(failures))).toEqual([
    1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
  ])
})

test('full jitter reaches down to nothing', () => {
  expect(upTo(7, 0)).toBe(0)
  expect(upTo(7, 0.5)).toBe(30_000)
})

test('a refused password waits minutes and never less than half its bound', () => {
  const auth = (failures: number, random: number) => backoffMs(DEFAULT_BACKOFF, 'auth', failures, random) / 1000
  expect([auth(1, 0), auth(1, 0.999999)]).toEqual([60, 120])
  expect([auth(2, 0), auth(9, 0), auth(9, 0.999999)]).toEqual([120, 450, 900])
})
