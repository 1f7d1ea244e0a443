import { expect, test } from 'vitest'
import { onHangup, onStopSignals } from '../../../src/commands/run/signals.ts'

const counts = () => ['SIGINT', 'SIGTERM', 'SIGHUP'].map(signal => process.listenerCount(signal))

test('the first stop signal is told once, and nobody listens after forgetting', () => {
  const before = counts()
  const told: string[] = []
  const forget = onStopSignals(reason => told.push(reason))
  process.emit('SIGTERM', 'SIGTERM')
  forget()
  expect(told).toEqual(['SIGTERM'])
  expect(counts()).toEqual(before)
})

test('a SIGHUP during the start reloads once all stands', () => {
  const before = counts()
  let reloads = 0
  const hangup = onHangup()
  process.emit('SIGHUP', 'SIGHUP')
  hangup.follow(() => reloads++)
  expect(reloads).toBe(1)
  process.emit('SIGHUP', 'SIGHUP')
  expect(reloads).toBe(2)
  hangup.forget()
  expect(counts()).toEqual(before)
})
