/** The durable outbox: stores each change on disk first, and keeps it until the broker and the journal have it. */

import { type Observable, Subject } from 'rxjs'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { EventChange, WatchEvent } from '../../types.ts'
import { recordOf } from '../eventPayload.ts'
import type { Bound, OutboxBounds, OutboxEntry } from './outboxBounds.ts'
import { createOutboxJournal, type RecordChange } from './outboxJournal.ts'
import { readOutboxLog } from './outboxLog.ts'
import { OutboxQueue } from './outboxQueue.ts'
import { createOutboxWriter } from './outboxWriter.ts'

export interface OutboxOptions extends OutboxBounds {
  /** File; created when it does not exist. */
  readonly path: string
  readonly telemetry: Telemetry
  /**
   * Writes to the journal. It gets every change once the change is on disk and before it may be sent. If the journal fails
   * or hangs, it gets the change as soon as it works again, also in a later run. One or two changes may come twice.
   */
  readonly record?: RecordChange
  /** ms since the epoch. */
  readonly now?: () => number
}

export interface Outbox {
  /** Events that a killed run left open. They have ended now; their `end` waits like any other change. */
  readonly interrupted: readonly WatchEvent[]
  /** Emits when an entry may be sent. */
  readonly ready$: Observable<void>
  readonly size: number
  /** The highest number that an entry ever had. */
  readonly newest: number
  /** The entry that has waited longest, in flight or not. */
  readonly oldest: OutboxEntry | null
  /** Resolves when the change is on disk, or when a disk failure was reported. Never rejects. */
  put(change: EventChange): Promise<void>
  /** The oldest change of a camera that has none in flight; it is in flight from now on. */
  next(): OutboxEntry | null
  /** An entry of `next` was acknowledged, or must be sent again. */
  settle(entry: OutboxEntry, delivered: boolean): void
  /** The broker takes this entry of `next` in no form: it stays in the journal, and later changes of its event may not be sent. */
  setAside(entry: OutboxEntry): void
  /** Whether the broker did not take the `new` of this event, now or in an earlier run. */
  isSetAside(id: string): boolean
  /** Writes unwritten records, in bounded time. Waiting changes stay for the next run. */
  close(): Promise<void>
}

/**
 * Changes of an earlier run wait at least this long, whatever their age by the wall clock: a clock that is weeks ahead after
 * a start must not drop them.
 */
const START_GRACE_MS = 3600_000

/** @throws WatchwordError `outbox-unreadable` */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const { path, telemetry, record = async () => true, now = Date.now } = options
  const queue = new OutboxQueue(options)
  const from = now()
  const oldestMs = options.maxAgeMs - Math.min(options.maxAgeMs, START_GRACE_MS)
  const damage = await readOutboxLog(path, from, records => {
    // If the clock was ahead then or is behind now, the age would be negative: it counts as 0.
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
      // No sync to disk: a lost acknowledgement only means that the change is sent twice.
      void writer.write(queue.settle(entry, delivered), { durable: false })
      changed(new Map())
      ready$.next()
    },
    setAside: entry => {
      // No sync to disk: a lost record only means that it is tried again.
      void writer.write(queue.setAside(entry), { durable: false })
      changed(new Map())
      ready$.next()
    },
    isSetAside: id => queue.isSetAside(id),
    close: async () => {
      await journal.close()
      await writer.close()
    },
  }
}
