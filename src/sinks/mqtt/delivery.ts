/** Sends changes from the outbox to the broker: in order per camera, late ones at a limited rate. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import { changePayload } from '../eventPayload.ts'
import type { Connection } from './connection.ts'
import { measureOutboxAge } from './measureOutboxAge.ts'
import type { Outbox } from './outbox.ts'
import type { OutboxEntry } from './outboxBounds.ts'

export interface DeliveryOptions {
  readonly outbox: Outbox
  readonly topic: string
  /** Late changes per second. Higher: the backlog after an outage is sent sooner, but consumers see a burst. */
  readonly replayPerSecond: number
  readonly telemetry: Telemetry
}

export interface Delivery {
  connect(connection: Connection): void
  /** Resolves when no change is in flight, when the connection ended, or after the timeout. */
  flush(timeoutMs: number): Promise<void>
  close(): void
}

/** Changes in flight at once, one per camera at most. */
const WINDOW = 8

/** ms until a refused change is sent again: the permissions may be corrected meanwhile. */
const REFUSED_RETRY_MS = 10_000

export function startDelivery({ outbox, topic, replayPerSecond, telemetry }: DeliveryOptions): Delivery {
  const stop = new AbortController()
  const { signal } = stop
  const sending = new Set<Promise<void>>()
  let connection: Connection | null = null
  /** Entries up to this number were stored before the connection. A clock could not show that: it may be set back. */
  let lateUpTo = 0
  /** On the steady clock: if the wall clock is set back an hour, no change must wait for an hour. */
  let nextReplayAt = 0

  const replayTurn = async () => {
    const now = performance.now()
    const at = Math.max(now, nextReplayAt)
    nextReplayAt = at + 1000 / replayPerSecond
    await sleep(at - now, undefined, { signal })
  }
  const publish = createChangePublisher({ outbox, topic, telemetry })
  const send = async (entry: OutboxEntry, to: Connection): Promise<'delivered' | 'set-aside' | 'again'> => {
    const replayed = entry.n <= lateUpTo
    if (replayed) await replayTurn()
    const from = performance.now()
    const result = await publish(entry, to, replayed)
    if (result === 'failed' && connection === to) connection = null
    if (result === 'refused' || result === 'busy') await sleep(REFUSED_RETRY_MS, undefined, { signal })
    if (result === 'set-aside') return result
    if (result !== 'acknowledged') return 'again'
    const { camera, event, frameTime } = entry.change.after
    const latencySeconds = (Date.now() - frameTime) / 1000
    telemetry.emit({ type: 'StageTimed', stage: 'publish', seconds: (performance.now() - from) / 1000 })
    telemetry.emit({ type: 'EventDelivered', camera, event, latencySeconds, replayed })
    return 'delivered'
  }
  const pump = () => {
    while (connection !== null && sending.size < WINDOW && !signal.aborted) {
      const entry = outbox.next()
      if (entry === null) return
      // Only an abort makes `send` reject: the change stays for the next run.
      const sent = send(entry, connection).then(
        result => {
          sending.delete(sent)
          if (result === 'set-aside') outbox.setAside(entry)
          else outbox.settle(entry, result === 'delivered')
        },
        () => {
          sending.delete(sent)
          outbox.settle(entry, false)
        },
      )
      sending.add(sent)
    }
  }
  const subscription = outbox.ready$.subscribe(pump)
  const stopMeter = measureOutboxAge({ outbox, telemetry, isConnected: () => connection !== null })
  return {
    connect: to => {
      connection = to
      lateUpTo = outbox.newest
      pump()
    },
    flush: async timeoutMs => {
      const until = performance.now() + timeoutMs
      while (sending.size > 0 && connection !== null && performance.now() < until)
        await Promise.race([...sending, sleep(until - performance.now(), undefined, { ref: false })])
    },
    close: () => {
      stop.abort()
      stopMeter()
      subscription.unsubscribe()
    },
  }
}

/** Publishes a change in full; if that is too large, without the state before it. */
function createChangePublisher({ outbox, topic, telemetry }: Pick<DeliveryOptions, 'outbox' | 'topic' | 'telemetry'>) {
  return async ({ change, recordedAt }: OutboxEntry, to: Connection, replayed: boolean) => {
    const full = changePayload(change, { recordedAt, sentAt: Date.now(), replayed })
    const forms = full.before === null ? [full] : [full, { ...full, before: null }]
    const { id, camera, event } = change.after
    for (const form of outbox.isSetAside(id) ? [] : forms) {
      const result = await to.publish(topic, JSON.stringify(form), { retain: false })
      if (result !== 'too-large') return result
    }
    const bytes = Buffer.byteLength(JSON.stringify(forms.at(-1)))
    telemetry.emit({ type: 'ChangeSetAside', camera, event, id, change: change.type, bytes })
    return 'set-aside'
  }
}
