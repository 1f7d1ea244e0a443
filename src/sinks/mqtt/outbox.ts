/** The durable outbox: an event change is on disk before anything else happens to it, and leaves when the broker has it. */

import { type Observable, Subject } from 'rxjs'
import type { Telemetry } from '../../telemetry/happenings.ts'
import type { EventChange, WatchEvent } from '../../types.ts'
import { createSinkHealth } from '../sink.ts'
import { type ChangeRecord, recordOf } from '../wire.ts'
import { OutboxLog, readOutboxLog } from './outboxLog.ts'
import { OutboxQueue } from './outboxQueue.ts'
import type { Bound, OutboxBounds, OutboxEntry, OutboxRecord } from './outboxRules.ts'

export interface OutboxOptions extends OutboxBounds {
  /** File; made when it is not there. */
  readonly path: string
  readonly telemetry: Telemetry
  /**
   * The journal: told of every change once it is on disk and before it may be sent. What a killed run may not have
   * told comes at the start; a change or two of it may be known already. Never rejects.
   */
  readonly record?: (change: ChangeRecord, recordedAt: number) => Promise<void>
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
  /** Resolves when the change is on disk, or when it was told that the disk refused. Never rejects. */
  put(change: EventChange): Promise<void>
  /** The oldest change of a camera that has none on its way. */
  next(): OutboxEntry | null
  /** What `next` gave was acknowledged, or is to be given again. */
  settle(entry: OutboxEntry, delivered: boolean): void
  /** Writes down what is still unwritten. What waits stays for the next run. */
  close(): Promise<void>
}

/** @throws WatchwordError `outbox-unreadable` */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const { path, telemetry, record = async () => undefined, now = Date.now } = options
  const { records, damage } = await readOutboxLog(path, now())
  const queue = new OutboxQueue(options)
  const from = now()
  // A clock that stood behind when it was stored, or stands behind now, makes nothing younger than new.
  for (const item of records) queue.apply(item, item.k === 'put' ? Math.max(0, from - item.at) : 0)
  const { ended } = queue.recover(now())
  if (damage !== null) telemetry.emit({ type: 'OutboxDamaged', path, ...damage })
  if (queue.size > 0) telemetry.emit({ type: 'OutboxRecovered', waiting: queue.size, ended: ended.length })

  const writer = createWriter(path, queue, telemetry)
  await writer.rewrite()
  for (const entry of queue.untold()) {
    await record(entry.change, entry.recordedAt)
    await writer.write(queue.release(entry.n), { durable: false })
  }

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
    put: async change => {
      const at = now()
      const stored = recordOf(change)
      const { n, records, dropped } = queue.put(stored, at)
      changed(dropped)
      await writer.write(records, { durable: true })
      await record(stored, at)
      if (n !== null) void writer.write(queue.release(n), { durable: false })
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
    close: () => writer.close(),
  }
}

/** After a failure the whole state is written anew this often until the disk takes it. */
const RETRY_MS = 1000

/** The file is written anew when it is this big and mostly history. */
const COMPACT_BYTES = 256 * 1024

interface Writer {
  /** Resolves when the records are written, or when the disk has refused them and telemetry knows. */
  write(records: readonly OutboxRecord[], options: { durable: boolean }): Promise<void>
  rewrite(): Promise<void>
  close(): Promise<void>
}

/** One write at a time; records that arrive meanwhile share the next one. */
function createWriter(path: string, queue: OutboxQueue, telemetry: Telemetry): Writer {
  const log = new OutboxLog(path)
  const health = createSinkHealth('outbox', telemetry)
  let waiting: OutboxRecord[] = []
  let durable = false
  /** The file lacks something: only a whole new one is right again. */
  let stale = true
  let turn: Promise<void> = Promise.resolve()
  let retry: NodeJS.Timeout | null = null

  const step = async () => {
    const batch = waiting
    const sync = durable
    waiting = []
    durable = false
    const grown = log.bytes > COMPACT_BYTES && log.bytes > 4 * queue.bytes
    if (batch.length === 0 && !stale && !grown) return
    try {
      if (stale || grown) await log.rewrite(queue.snapshot())
      else await log.append(batch, { durable: sync })
      stale = false
      health.worked()
    } catch (error) {
      stale = true
      health.failed(error)
      retry ??= setTimeout(() => {
        retry = null
        void next()
      }, RETRY_MS).unref()
    }
  }
  const next = () => {
    turn = turn.then(step)
    return turn
  }
  return {
    write: (records, options) => {
      waiting.push(...records)
      durable ||= options.durable
      return next()
    },
    rewrite: next,
    close: async () => {
      await next()
      if (retry !== null) clearTimeout(retry)
      await log.close()
    },
  }
}
