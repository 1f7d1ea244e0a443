import { expect, test } from 'vitest'
import { backoffMs, DEFAULT_BACKOFF } from '../../src/sources/backoffMs.ts'

const upTo = (failures: number, random = 0.999999) => backoffMs(DEFAULT_BACKOFF, 'eof', failures, random)

test('the first wait is short, the next six at most 2 s, then they grow by half up to a minute', () => {
  expect([1, 2, 7, 8, 9, 10, 16, 17, 5000].map(failures => upTo(failures))).toEqual([
    1000, 2000, 2000, 3000, 4500, 6750, 60_000, 60_000, 60_000,
  ])
})

test('a wait is never less than half its bound, but for the first, so that cameras come back one by one', () => {
  expect([1, 2, 20].map(failures => upTo(failures, 0))).toEqual([0, 1000, 30_000])
})

test.each([4, 30, 60, 300])('after an outage of %d s a camera is tried again within 2 s, or 40 %% of it', outageS => {
  for (const random of [0, 0.5, 0.999999]) {
    let triedAt = 0
    for (let failures = 1; triedAt < outageS * 1000; failures++) {
      const wait = upTo(failures, random)
      const late = triedAt + wait - outageS * 1000
      expect(late).toBeLessThanOrEqual(Math.max(2000, outageS * 400))
      triedAt += wait
    }
  }
})

test('a refused password waits minutes and never less than half its bound', () => {
  const auth = (failures: number, random: number) => backoffMs(DEFAULT_BACKOFF, 'auth', failures, random) / 1000
  expect([auth(1, 0), auth(1, 0.999999)]).toEqual([60, 120])
  expect([auth(2, 0), auth(9, 0), auth(9, 0.999999)]).toEqual([120, 450, 900])
})
