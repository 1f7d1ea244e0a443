import { expect, it } from 'vitest'
import { backoffMs } from '../../../src/sinks/mqtt/reconnectingClient.ts'

it('waits longer after each failure, up to a bound, and differs between clients', () => {
  expect([1, 2, 3, 4].map(failures => backoffMs(failures, false, 1))).toEqual([500, 1000, 2000, 4000])
  expect(backoffMs(50, false, 1)).toBe(30_000)
  expect(backoffMs(3, false, 0)).toBe(1000)
})

it('starts with a long delay when the password is wrong', () => {
  expect(backoffMs(1, true, 0)).toBe(7_500)
  expect(backoffMs(9, true, 1)).toBe(30_000)
})
