import { expect, test } from 'vitest'
import { onHangup } from '../../../src/commands/run/onHangup.ts'

test('a SIGHUP during the start reloads after the start', () => {
  const before = process.listenerCount('SIGHUP')
  let reloads = 0
  const hangup = onHangup()
  process.emit('SIGHUP', 'SIGHUP')
  hangup.follow(() => reloads++)
  expect(reloads).toBe(1)
  process.emit('SIGHUP', 'SIGHUP')
  expect(reloads).toBe(2)
  hangup.close()
  expect(process.listenerCount('SIGHUP')).toBe(before)
})
