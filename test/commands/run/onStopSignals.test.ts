import { expect, test, vi } from 'vitest'
import { onStopSignals } from '../../../src/commands/run/onStopSignals.ts'

const counts = () => ['SIGINT', 'SIGTERM'].map(signal => process.listenerCount(signal))

test('the first stop signal is reported once; after removal no listener remains', () => {
  const before = counts()
  const reasons: string[] = []
  const remove = onStopSignals(reason => reasons.push(reason))
  process.emit('SIGTERM', 'SIGTERM')
  remove()
  expect(reasons).toEqual(['SIGTERM'])
  expect(counts()).toEqual(before)
})

test('a second signal within a second is the same one; a later one ends the process at once', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as never)
  const stops: string[] = []
  const remove = onStopSignals(reason => stops.push(reason))
  try {
    process.emit('SIGTERM', 'SIGTERM')
    process.emit('SIGTERM', 'SIGTERM')
    vi.advanceTimersByTime(999)
    process.emit('SIGINT', 'SIGINT')
    expect(exit).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    process.emit('SIGINT', 'SIGINT')
    await vi.waitFor(() => expect(exit).toHaveBeenCalledExactlyOnceWith(1))
    expect(stops).toEqual(['SIGTERM'])
  } finally {
    remove()
    exit.mockRestore()
    vi.useRealTimers()
  }
})
