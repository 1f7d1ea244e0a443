/** The durable outbox: a change is on disk before anything else happens to it, and leaves when the broker and the journal have it. */

import { type Observable, Subject } from 'rxjs'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { EventChange, WatchEvent } from '../../types.ts'
import { recordOf } from '../payload.ts'
import { createOutboxJournal, type RecordChange } from './outboxJournal.ts'
import { readOutboxLog } from './outboxLog.ts'
import { OutboxQueue } from './outboxQueue.ts'
import type { Bound, OutboxBounds, OutboxEntry } from './outboxRules.ts'
import { createOutboxWriter } from './outboxWriter.ts'

export interface OutboxOptions extends OutboxBounds {
  /** File; made when it does not exist. */
  readonly path: string
  readonly telemetry: Telemetry
  /**
   * The journal. It gets every change once it is on disk, and before it may be sent unless the journal fails or hangs;
   * then as soon as it works again, also in a later run. A change or two may come twice.
   */
  readonly record?: RecordChange
  /** ms since the epoch. */
  readonly now?: () => number
}

export interface Outbox {
  /** Events that a killed run left open. They are ended now; the `end` waits like any other change. */
  readonly interrupted: readonly WatchEvent[]
  /** Emits when something may be sent. */
  readonly ready$: Observable<void>
  readonly size: number
  /** The number of the newest entry there ever was. */
  readonly newest: number
  /** What has waited longest, on its way or not. */
  readonly oldest: OutboxEntry | null
  /** Resolves when the change is on disk, or when telemetry knows that the disk refuses or hangs. Never rejects. */
  put(change: EventChange): Promise<void>
  /** The oldest change of a camera that has none on its way. */
  next(): OutboxEntry | null
  /** An entry of `next` was acknowledged, or is to be sent again. */
  settle(entry: OutboxEntry, delivered: boolean): void
  /** Writes what is still unwritten, in bounded time. What waits stays for the next run. */
  close(): Promise<void>
}

/**
 * What an earlier run left waits at least so long, whatever the wall clock says of its age: a clock that is weeks ahead
 * after a start must not drop it.
 */
const START_GRACE_MS = 3600_000

/** @throws WatchwordError `outbox-unreadable` */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const { path, telemetry, record = async () => true, now = Date.now } = options
  const queue = new OutboxQueue(options)
  const from = now()
  const oldestMs = options.maxAgeMs - Math.min(options.maxAgeMs, START_GRACE_MS)
  const damage = await readOutboxLog(path, from, records => {
    // A clock that was behind when it was stored, or is behind now, makes nothing younger than new.
    const ageOf = (at: number) => Math.min(Math.max(0, from - at), oldestMs)
    for (const item of records) queue.apply(item, item.k === 'put' ? ageOf(item.at) : 0)
  })
  const { ended } = queue.recover(now())
  if (damage !== null) telemetry.emit({ type: 'OutboxDamaged', path, ...damage })
  if (queue.size > 0) telemetry.emit({ type: 'OutboxRecovered', waiting: queue.size, ended: ended.length })

  const writer = createOutboxWriter(path, queue, telemetry)
  await writer.rewrite()
  const journal = createOutboxJournal({
    queue,
    record,
    write: records => void writer.write(records, { durable: false }),
    telemetry,
  })
  await journal.catchUp(queue.newest)

  const ready$ = new Subject<void>()
  const changed = (dropped: ReadonlyMap<Bound, number>) => {
    for (const [bound, count] of dropped) telemetry.emit({ type: 'OutboxDropped', bound, count })
    telemetry.emit({ type: 'OutboxChanged', messages: queue.size, bytes: queue.bytes })
  }
  changed(new Map())
  return {
    interrupted: ended,
    ready$,
    get size() {
      return queue.size
    },
    get newest() {
      return queue.newest
    },
    get oldest() {
      return queue.oldest
    },
    put: async change => {
      const { n, records, dropped } = queue.put(recordOf(change), now())
      const { newest } = queue
      changed(dropped)
      await writer.write(records, { durable: true })
      await journal.catchUp(newest)
      if (n !== null) queue.release(n)
      ready$.next()
    },
    next: () => {
      const { records, dropped } = queue.expire()
      if (records.length > 0) {
        changed(dropped)
        void writer.write(records, { durable: false })
      }
      return queue.next()
    },
    settle: (entry, delivered) => {
      // Not worth a sync: a lost acknowledgement only means that the change is sent twice.
      void writer.write(queue.settle(entry, delivered), { durable: false })
      changed(new Map())
      ready$.next()
    },
    close: async () => {
      await journal.close()
      await writer.close()
    },
  }
}
