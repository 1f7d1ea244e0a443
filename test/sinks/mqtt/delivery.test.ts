import { Subject } from 'rxjs'
import { expect, it, vi } from 'vitest'
import { type ChangePayload, recordOf } from '../../../src/sinks/eventPayload.ts'
import type { Connection, PublishResult } from '../../../src/sinks/mqtt/connection.ts'
import { startDelivery } from '../../../src/sinks/mqtt/delivery.ts'
import type { Outbox } from '../../../src/sinks/mqtt/outbox.ts'
import type { OutboxEntry } from '../../../src/sinks/mqtt/outboxBounds.ts'
import { change } from '../../support/change.ts'
import { recordTelemetry } from '../../support/recordTelemetry.ts'

/** Entries of as many cameras, so that all of them may be sent at once. */
function createOutbox(count: number, { newest }: { newest: number }) {
  const ready$ = new Subject<void>()
  const waiting: OutboxEntry[] = Array.from({ length: count }, (_, n) => ({
    n,
    recordedAt: 500,
    since: 0,
    bytes: 1,
    change: recordOf(change('new', `e${n}`, 0, { camera: `camera${n}` })),
  }))
  const settled: [number, boolean][] = []
  const outbox: Outbox = {
    interrupted: [],
    ready$,
    size: count,
    newest,
    get oldest() {
      return waiting[0] ?? null
    },
    put: async () => undefined,
    next: () => waiting.shift() ?? null,
    settle: ({ n }, delivered) => {
      settled.push([n, delivered])
      ready$.next()
    },
    setAside: ({ n }) => void settled.push([n, false]),
    isSetAside: () => false,
    close: async () => undefined,
  }
  return { outbox, settled }
}

function createConnection(result: PublishResult = 'acknowledged') {
  const sent: { at: number; change: ChangePayload }[] = []
  const connection: Connection = {
    protocol: 5,
    closed: new Promise(() => undefined),
    publish: async (_, payload) => {
      sent.push({ at: performance.now(), change: JSON.parse(String(payload)) })
      return result
    },
    readRetained: async () => true,
    subscribe: async () => undefined,
    end: async () => undefined,
  }
  return { connection, sent }
}

it('sends live changes at once, whatever the wall clock shows, and reports their latency', async () => {
  const telemetry = recordTelemetry()
  const { outbox, settled } = createOutbox(20, { newest: -1 })
  const { connection, sent } = createConnection()
  const delivery = startDelivery({ outbox, topic: 'events', replayPerSecond: 1, telemetry })
  delivery.connect(connection)
  await vi.waitFor(() => expect(settled).toHaveLength(20))
  expect(sent.every(({ change: { replayed } }) => !replayed)).toBe(true)
  expect(telemetry.of('EventDelivered')).toHaveLength(20)
  delivery.close()
})

it('marks late changes as replayed, and sends them no faster than allowed', async () => {
  const { outbox, settled } = createOutbox(5, { newest: 4 })
  const { connection, sent } = createConnection()
  const delivery = startDelivery({ outbox, topic: 'events', replayPerSecond: 50, telemetry: recordTelemetry() })
  const connectedAt = performance.now()
  delivery.connect(connection)
  await vi.waitFor(() => expect(settled).toHaveLength(5))
  expect(sent.every(({ change: { replayed, recorded_at } }) => replayed && recorded_at === 0.5)).toBe(true)
  // Five at 50 a second are four waits of 20 ms; a timer may fire a millisecond early, and any time late.
  for (const [place, { at }] of sent.entries()) expect(at - connectedAt).toBeGreaterThanOrEqual(place * 19)
  delivery.close()
})

it('returns unsent changes of a lost connection to the outbox, and sends no more on it', async () => {
  const { outbox, settled } = createOutbox(20, { newest: -1 })
  const { connection, sent } = createConnection('failed')
  const delivery = startDelivery({ outbox, topic: 'events', replayPerSecond: 1, telemetry: recordTelemetry() })
  delivery.connect(connection)
  await vi.waitFor(() => expect(settled).toHaveLength(8))
  expect(settled.every(([, delivered]) => !delivered)).toBe(true)
  expect(sent).toHaveLength(8)
  delivery.close()
})

it('returns its changes to the outbox when it is closed', async () => {
  const { outbox, settled } = createOutbox(3, { newest: 2 })
  const { connection } = createConnection()
  const delivery = startDelivery({ outbox, topic: 'events', replayPerSecond: 0.001, telemetry: recordTelemetry() })
  delivery.connect(connection)
  await vi.waitFor(() => expect(settled).toHaveLength(1))
  delivery.close()
  await vi.waitFor(() => expect(settled).toHaveLength(3))
  expect(settled.filter(([, delivered]) => delivered)).toHaveLength(1)
})
