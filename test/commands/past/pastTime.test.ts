import { InvalidArgumentError } from 'commander'
import { describe, expect, test } from 'vitest'
import { localTime } from '../../../src/commands/past/localTime.ts'
import { pastTime, timeRange } from '../../../src/commands/past/pastTime.ts'

const NOW = Date.UTC(2026, 10, 30, 12)

describe('pastTime', () => {
  test('takes how long ago, and times', () => {
    expect(pastTime('24h')).toEqual({ agoMs: 86_400_000 })
    expect(pastTime('7d')).toEqual({ agoMs: 604_800_000 })
    expect(pastTime('2026-11-30T14:05Z')).toEqual({ at: Date.UTC(2026, 10, 30, 14, 5) })
    expect(pastTime('2026-11-30 14:05:06+01:00')).toEqual({ at: Date.UTC(2026, 10, 30, 13, 5, 6) })
  })

  test('a time without a zone is the local one, and a date begins at local midnight', () => {
    expect(pastTime('2026-11-30T14:05')).toEqual({ at: new Date(2026, 10, 30, 14, 5).getTime() })
    expect(pastTime('2026-11-30')).toEqual({ at: new Date(2026, 10, 30).getTime() })
  })

  test.each(['', 'yesterday', '24', '-3h', '2026-13-01', '2026-11-30T25:00', '3 weeks', 'x'.repeat(1e6)])(
    'refuses %.20s in one short line',
    text => {
      expect(() => pastTime(text)).toThrow(InvalidArgumentError)
      expect(() => pastTime(text)).toThrow(/^Expected how long ago.{0,200}$/)
    },
  )
})

describe('timeRange', () => {
  test('ends now, with what a camera’s clock may be ahead', () => {
    expect(timeRange({ since: pastTime('1h') }, NOW)).toEqual({ from: NOW - 3_600_000, to: NOW + 60_000 })
    expect(timeRange({ since: pastTime('2h'), until: pastTime('1h') }, NOW)).toEqual({
      from: NOW - 7_200_000,
      to: NOW - 3_600_000,
    })
  })

  test('a time longer ago than time itself is the beginning', () => {
    expect(timeRange({ since: pastTime('999999999d') }, NOW).from).toBe(0)
  })

  test('refuses a range that is reversed or in the future', () => {
    expect(() => timeRange({ since: pastTime('1h'), until: pastTime('2h') }, NOW)).toThrow(/--since to be before/)
    expect(() => timeRange({ since: pastTime('2027-01-01') }, NOW)).toThrow(/--since to be before/)
  })
})

test('localTime writes the wall clock', () => {
  expect(localTime(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe('2026-01-02 03:04:05')
  expect(localTime(new Date(2026, 0, 2, 3, 4, 5).getTime(), { date: false })).toBe('03:04:05')
})
