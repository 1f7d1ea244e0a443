import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openDiskMeter } from '../../../src/commands/run/openDiskMeter.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

test('a disk that hangs is reported after the deadline, and only one call waits for it', async () => {
  const answers: ((bytes: number) => void)[] = []
  const measure = openDiskMeter('/data', () => new Promise(resolve => answers.push(resolve)), 2000)
  const first = measure()
  vi.advanceTimersByTime(1999)
  answers[0]?.(5e9)
  expect(await first).toBe(5e9)

  const second = measure()
  vi.advanceTimersByTime(2000)
  expect(await second).toBe('hangs')
  expect([await measure(), await measure()]).toEqual(['hangs', 'hangs'])
  expect(answers).toHaveLength(2)

  answers[1]?.(4e9)
  await turn()
  const third = measure()
  answers[2]?.(3e9)
  expect(await third).toBe(3e9)
})

test('a folder that does not exist has no free space, neither much nor little', async () => {
  expect(await openDiskMeter('/no/such/folder')()).toBeNull()
})
