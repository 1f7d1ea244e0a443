/** Takes changes from the outbox to the broker: in order per camera, late ones no faster than allowed. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import { changePayload } from '../payload.ts'
import type { Connection } from './connection.ts'
import { startDeliveryMeter } from './deliveryMeter.ts'
import type { Outbox } from './outbox.ts'
import type { OutboxEntry } from './outboxRules.ts'

export interface DeliveryOptions {
  readonly outbox: Outbox
  readonly topic: string
  /** Late changes a second. Higher: an outage is caught up sooner, and consumers see a burst. */
  readonly replayPerSecond: number
  readonly telemetry: Telemetry
}

export interface Delivery {
  connect(connection: Connection): void
  /** Resolves when the outbox is empty, the connection is gone, or time is up. */
  flush(timeoutMs: number): Promise<void>
  close(): void
}

/** In flight at once, one per camera at most. */
const WINDOW = 8

/** A change that the broker refuses waits so long: its rights may be corrected meanwhile. */
const REFUSED_RETRY_MS = 10_000

export function startDelivery({ outbox, topic, replayPerSecond, telemetry }: DeliveryOptions): Delivery {
  const stop = new AbortController()
  const { signal } = stop
  const sending = new Set<Promise<void>>()
  let connection: Connection | null = null
  /** Entries up to this number were stored before the connection. No clock says so: it may be set back an hour. */
  let lateUpTo = 0
  /** On the steady clock: when the wall clock is set back an hour, nothing must wait for an hour. */
  let nextReplayAt = 0

  const replayTurn = async () => {
    const now = performance.now()
    const at = Math.max(now, nextReplayAt)
    nextReplayAt = at + 1000 / replayPerSecond
    await sleep(at - now, undefined, { signal })
  }
  /** Events whose `new` the broker does not take: nothing of them is sent. */
  const setAside = new Set<string>()

  /** In full; where that is too large, without the state before it. */
  const publish = async ({ change, recordedAt }: OutboxEntry, to: Connection, replayed: boolean) => {
    const whole = changePayload(change, { recordedAt, sentAt: Date.now(), replayed })
    const forms = whole.before === null ? [whole] : [whole, { ...whole, before: null }]
    const { id, camera, event } = change.after
    let bytes = 0
    for (const form of setAside.has(id) ? [] : forms) {
      const text = JSON.stringify(form)
      bytes = Buffer.byteLength(text)
      const result = await to.publish(topic, text, { retain: false })
      if (result !== 'too-large') return result
    }
    if (change.type === 'new') setAside.add(id)
    if (change.type === 'end') setAside.delete(id)
    telemetry.emit({ type: 'ChangeSetAside', camera, event, id, change: change.type, bytes })
    return 'set-aside'
  }
  /** @returns whether the change need not be sent again */
  const send = async (entry: OutboxEntry, to: Connection): Promise<boolean> => {
    const replayed = entry.n <= lateUpTo
    if (replayed) await replayTurn()
    const from = performance.now()
    const result = await publish(entry, to, replayed)
    if (result === 'failed' && connection === to) connection = null
    if (result === 'refused' || result === 'busy') await sleep(REFUSED_RETRY_MS, undefined, { signal })
    if (result !== 'acknowledged') return result === 'set-aside'
    const { camera, event, frameTime } = entry.change.after
    const latencySeconds = (Date.now() - frameTime) / 1000
    telemetry.emit({ type: 'StageTimed', stage: 'publish', seconds: (performance.now() - from) / 1000 })
    telemetry.emit({ type: 'EventDelivered', camera, event, latencySeconds, replayed })
    return true
  }
  const pump = () => {
    while (connection !== null && sending.size < WINDOW && !signal.aborted) {
      const entry = outbox.next()
      if (entry === null) return
      // Only an abort makes `send` reject: the change stays for the next run.
      const sent = send(entry, connection).then(
        delivered => {
          sending.delete(sent)
          outbox.settle(entry, delivered)
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
  const stopMeter = startDeliveryMeter({ outbox, telemetry, isConnected: () => connection !== null })
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
