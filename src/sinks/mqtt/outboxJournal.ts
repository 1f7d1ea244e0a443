/** Writes the outbox's changes to the journal: in order, one at a time, with retries. */

import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { ChangeRecord } from '../eventPayload.ts'
import { createSinkHealth, DISK_DEADLINE_MS } from '../sink.ts'
import type { OutboxQueue } from './outboxQueue.ts'
import type { OutboxRecord } from './outboxRecord.ts'

/** Resolves to false when the change could not be written and must be offered again. Never rejects. */
export type RecordChange = (change: ChangeRecord, recordedAt: number) => Promise<boolean>

export interface OutboxJournal {
  /**
   * Resolves when the journal has all changes up to this number; they must be on disk. If the journal fails or its disk
   * hangs, it resolves all the same, because delivery must not wait for it. Unjournaled changes stay in the outbox.
   */
  catchUp(n: number): Promise<void>
  /** Resolves like `catchUp`; afterwards no change is written. */
  close(): Promise<void>
}

/** Pause after a change that could not be written. */
const RETRY_MS = 1000

export interface OutboxJournalOptions {
  readonly queue: OutboxQueue
  readonly record: RecordChange
  readonly write: (records: readonly OutboxRecord[]) => void
  readonly telemetry: Telemetry
}

export function createOutboxJournal({ queue, record, write, telemetry }: OutboxJournalOptions): OutboxJournal {
  const health = createSinkHealth('journal', telemetry)
  /** The journal failed or hangs: no `put` waits for it until it has caught up. */
  let isLate = false
  let isRunning = false
  let isClosed = false
  let retry: NodeJS.Timeout | null = null
  /** The highest number that may be journaled: later changes may not be on disk yet. */
  let limit = 0
  const waiters: { readonly n: number; readonly resume: () => void }[] = []

  const next = () => {
    const entry = queue.firstUnjournaled
    return entry !== undefined && entry.n <= limit ? entry : undefined
  }
  const resumeUpTo = (n: number) => {
    while (waiters[0] !== undefined && waiters[0].n <= n) waiters.shift()?.resume()
  }
  const stopWaiting = () => {
    isLate = true
    resumeUpTo(Number.POSITIVE_INFINITY)
  }
  const run = async () => {
    isRunning = true
    for (let entry = next(); entry !== undefined; entry = next()) {
      const isWritten = (await record(entry.change, entry.recordedAt)) !== false
      // A change that was written after `close` is offered again at the next start, and the journal then skips it.
      if (isClosed) return
      if (!isWritten) {
        stopWaiting()
        retry = setTimeout(() => {
          retry = null
          start()
        }, RETRY_MS).unref()
        break
      }
      write(queue.markJournaled(entry.n))
      resumeUpTo(entry.n)
    }
    isRunning = false
    if (next() !== undefined) return
    isLate = false
    health.worked()
    resumeUpTo(Number.POSITIVE_INFINITY)
  }
  const start = () => {
    if (!isRunning && retry === null && !isClosed) void run()
  }
  const shed = () => {
    const { records, dropped } = queue.dropUnjournaled()
    if (dropped === 0) return
    write(records)
    health.failed(
      new Error(`more changes are missing in it than the outbox may hold: the oldest ${dropped} are not written to it`),
    )
  }
  const catchUp = async (n: number) => {
    limit = Math.max(limit, n)
    shed()
    start()
    if (isLate || next() === undefined) return
    const done = new Promise<void>(resume => waiters.push({ n, resume }))
    const timer = setTimeout(() => {
      const seconds = DISK_DEADLINE_MS / 1000
      health.failed(new Error(`its disk has not answered for ${seconds} s; events are sent before they are in it`))
      stopWaiting()
    }, DISK_DEADLINE_MS)
    await done
    clearTimeout(timer)
  }
  return {
    catchUp,
    close: async () => {
      await catchUp(limit)
      isClosed = true
      if (retry !== null) clearTimeout(retry)
    },
  }
}
