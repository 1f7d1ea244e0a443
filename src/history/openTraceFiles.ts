/** Appends the records of traces to a file per day. A full or hanging disk delays no caller: what must be skipped is counted. */

import { appendFile, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../util/atomicWrite.ts'
import { messageOf } from '../util/errors.ts'
import { makeFolder } from '../util/makeFolder.ts'
import { dayOfTraceFile } from './eventTrace.ts'

export interface TraceFilesOptions {
  readonly dir: string
  /** Files of days that ended longer ago than this are removed. */
  readonly maxAgeMs: number
  /** Larger files get no more records. Default: MOST_FILE_BYTES. */
  readonly maxFileBytes?: number
  readonly telemetry: Telemetry
  /** ms since the epoch. */
  readonly now: () => number
}

export interface TraceFiles {
  /** Never waits, never throws. @param line without a line feed */
  append(file: string, line: string): void
  /** Resolves when everything is written, or after CLOSE_MS. */
  close(): Promise<void>
}

/** 100 events a day of 200 KB on 3 cameras: more is a fault of a config, not a history. */
const MOST_FILE_BYTES = 64 * 1024 * 1024
/** What waits for the disk: a second of 16 cameras with open events is 100 KB. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024
/** After a failure the next attempt waits. */
const RETRY_MS = 2000
const CLOSE_MS = 2000

const DAY_MS = 86_400_000

export function openTraceFiles(options: TraceFilesOptions): TraceFiles {
  const { dir, maxFileBytes = MOST_FILE_BYTES, telemetry } = options
  let waiting: { file: string; line: string }[] = []
  let waitingBytes = 0
  let writing = 0
  let running: Promise<void> | null = null
  let isClosed = false
  const sizes = new Map<string, number>()
  const skip = (reason: 'backlog' | 'disk' | 'size', records: number, error: string | null = null) =>
    telemetry.emit({ type: 'TraceSkipped', reason, records, error })

  const write = async (file: string, lines: readonly string[]) => {
    if (!sizes.has(file)) {
      await makeFolder(dir, PRIVATE_FOLDER)
      await removeOldFiles(options)
    }
    const size = sizes.get(file) ?? (await sizeOf(join(dir, file)))
    if (size > maxFileBytes) {
      skip('size', lines.length)
      sizes.set(file, size)
      return
    }
    // What a kill or a full disk cut off has no line feed. An empty line does no harm.
    const text = `${sizes.has(file) ? '' : '\n'}${lines.join('\n')}\n`
    sizes.delete(file)
    await appendFile(join(dir, file), text, { mode: PRIVATE_FILE })
    sizes.set(file, size + Buffer.byteLength(text))
  }
  const writeAll = async () => {
    while (waiting.length > 0) {
      const file = waiting[0]?.file ?? ''
      const lines = waiting.filter(each => each.file === file).map(({ line }) => line)
      waiting = waiting.filter(each => each.file !== file)
      waitingBytes = waiting.reduce((sum, { line }) => sum + line.length, 0)
      writing = lines.length
      try {
        await write(file, lines)
        writing = 0
      } catch (error) {
        writing = 0
        skip('disk', lines.length, messageOf(error))
        if (!isClosed) await new Promise(resolve => setTimeout(resolve, RETRY_MS).unref())
      }
    }
  }
  return {
    append: (file, line) => {
      if (isClosed || waitingBytes + line.length > MOST_WAITING_BYTES) {
        skip('backlog', 1)
        return
      }
      waiting.push({ file, line })
      waitingBytes += line.length
      running ??= writeAll().finally(() => {
        running = null
      })
    },
    close: async () => {
      isClosed = true
      let timer: NodeJS.Timeout | undefined
      const deadline = new Promise<void>(resolve => {
        timer = setTimeout(resolve, CLOSE_MS)
      })
      await Promise.race([running, deadline])
      clearTimeout(timer)
      const left = writing + waiting.length
      if (left > 0) skip('disk', left, 'the disk has not answered')
    },
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

async function removeOldFiles({ dir, maxAgeMs, now }: TraceFilesOptions): Promise<void> {
  for (const name of await readdir(dir)) {
    const day = dayOfTraceFile(name)
    if (day !== null && day + DAY_MS < now() - maxAgeMs) await rm(join(dir, name), { force: true })
  }
}
