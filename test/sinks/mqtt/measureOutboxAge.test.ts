import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { recordOf } from '../../../src/sinks/eventPayload.ts'
import { measureOutboxAge } from '../../../src/sinks/mqtt/measureOutboxAge.ts'
import type { OutboxEntry } from '../../../src/sinks/mqtt/outboxBounds.ts'
import { change } from '../../support/change.ts'
import { recordTelemetry } from '../../support/recordTelemetry.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const entry = (n: number): OutboxEntry => ({
  ...{ n, recordedAt: 0, since: performance.now(), bytes: 1 },
  change: recordOf(change('new', `e${n}`, 0)),
})

function start() {
  const telemetry = recordTelemetry()
  const setup = { oldest: null as OutboxEntry | null, isConnected: true }
  const outbox = {
    get oldest() {
      return setup.oldest
    },
  }
  const stop = measureOutboxAge({ outbox, isConnected: () => setup.isConnected, telemetry })
  const last = () => telemetry.of('DeliveryMeasured').at(-1)
  return { setup, stop, last, telemetry }
}

it('counts how long the same change has been the oldest while connected', () => {
  const { setup, stop, last } = start()
  setup.oldest = entry(1)
  vi.advanceTimersByTime(60_000)
  expect(last()).toMatchObject({ oldestSeconds: 60, stalledSeconds: 55 })
  // An outage does not count, and does not reset.
  setup.isConnected = false
  vi.advanceTimersByTime(600_000)
  expect(last()).toMatchObject({ oldestSeconds: 660, stalledSeconds: 55 })
  setup.isConnected = true
  vi.advanceTimersByTime(5000)
  expect(last()?.stalledSeconds).toBe(60)
  stop()
})

it('treats a long queue in delivery as progress', () => {
  const { setup, stop, telemetry } = start()
  for (let n = 0; n < 50; n++) {
    setup.oldest = entry(n)
    vi.advanceTimersByTime(5000)
  }
  expect(Math.max(...telemetry.of('DeliveryMeasured').map(({ stalledSeconds }) => stalledSeconds))).toBe(0)
  setup.oldest = null
  vi.advanceTimersByTime(5000)
  expect(telemetry.of('DeliveryMeasured').at(-1)).toMatchObject({ oldestSeconds: 0, stalledSeconds: 0 })
  stop()
  const count = telemetry.internalEvents.length
  vi.advanceTimersByTime(60_000)
  expect(telemetry.internalEvents).toHaveLength(count)
})
