/** Writes the outbox's records to its file, one write at a time; after a failure it rewrites the whole file. */

import type { Telemetry } from '../../telemetry/internalEvents.ts'
import { writeError } from '../../util/writeError.ts'
import { createDiskDeadline, createSinkHealth } from '../sink.ts'
import { OutboxLog } from './outboxLog.ts'
import type { OutboxQueue } from './outboxQueue.ts'
import type { OutboxRecord } from './outboxRecord.ts'

/** Interval of the attempts to rewrite the file after a failure. */
const RETRY_MS = 1000

/** Interval of the checks whether the file was deleted or replaced. */
const CHECK_MS = 2000

/** The file is compacted when it is larger than this and mostly history. */
const COMPACT_BYTES = 256 * 1024

export interface OutboxWriter {
  /** Resolves when the records are written, or when a failing or hanging disk was reported. */
  write(records: readonly OutboxRecord[], options: { durable: boolean }): Promise<void>
  rewrite(): Promise<void>
  /** Rewrites the file if another program deleted or replaced it. */
  check(): Promise<void>
  close(): Promise<void>
}

export function createOutboxWriter(path: string, queue: OutboxQueue, telemetry: Telemetry): OutboxWriter {
  const log = new OutboxLog(path)
  const health = createSinkHealth('outbox', telemetry)
  const deadline = createDiskDeadline(health)
  let waiting: OutboxRecord[] = []
  let durable = false
  /** The file is incomplete and must be rewritten. */
  let isStale = true
  let turn: Promise<void> = Promise.resolve()
  let retry: NodeJS.Timeout | null = null

  const step = async ({ checkFile }: { checkFile: boolean }) => {
    const batch = waiting
    const sync = durable
    waiting = []
    durable = false
    try {
      if ((checkFile || batch.length > 0) && (await log.isReplaced())) {
        isStale = true
        health.failed(new Error(`${path} was deleted or replaced by another program; writing it again`))
      }
      const hasGrown = log.bytes > COMPACT_BYTES && log.bytes > 4 * queue.bytes
      if (isStale || hasGrown) await log.rewrite(queue.snapshot())
      else if (batch.length > 0) await log.append(batch, { durable: sync })
      else return
      isStale = false
      health.worked()
    } catch (error) {
      isStale = true
      health.failed(writeError(error, path))
      retry ??= setTimeout(() => {
        retry = null
        void next()
      }, RETRY_MS).unref()
    }
  }
  const next = (options = { checkFile: false }) => {
    turn = turn.then(() => step(options))
    return turn
  }
  const check = () => deadline.wait(next({ checkFile: true }))
  const checks = setInterval(() => void check(), CHECK_MS).unref()
  return {
    write: (records, options) => {
      waiting.push(...records)
      durable ||= options.durable
      return deadline.wait(next())
    },
    rewrite: () => deadline.wait(next()),
    check,
    close: async () => {
      clearInterval(checks)
      const written = next().then(async () => {
        if (retry !== null) clearTimeout(retry)
        await log.close()
      })
      await deadline.wait(written)
    },
  }
}
