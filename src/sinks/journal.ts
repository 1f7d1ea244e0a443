/** The journal: every event change as a line of JSON in a file that people and programs can read. */

import { constants } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Telemetry } from '../telemetry/happenings.ts'
import { makeFolder } from '../util/makeFolder.ts'
import { createSinkHealth, eachChange, type Sink } from './sink.ts'
import { type ChangeRecord, recordOf, type WireChange, wireChange } from './wire.ts'

export interface JournalOptions {
  readonly path: string
  /** Beyond this the file becomes `<path>.1`, and a new one begins. */
  readonly maxBytes: number
  /** How many old files stay. */
  readonly keep: number
  readonly telemetry: Telemetry
}

export interface Journal {
  /** Resolves when the line is handed to the system, or when telemetry was told that it could not be. Never rejects. */
  record(change: ChangeRecord, recordedAt: number): Promise<void>
  /** The journal as a sink of its own, where no outbox stands before it. */
  readonly sink: Sink
  close(): Promise<void>
}

/** Lines that a full disk holds back; beyond it the oldest are given up. */
const MAX_HELD_LINES = 10_000

const RETRY_MS = 1000

/** What of the file's end is read to know which changes stand there already. */
const TAIL_BYTES = 1024 * 1024

export function openJournal({ path, maxBytes, keep, telemetry }: JournalOptions): Journal {
  const health = createSinkHealth('journal', telemetry)
  let held: string[] = []
  let file: JournalFile | null = null
  let written: Set<string> | null = null
  let turn: Promise<void> = Promise.resolve()
  let retry: NodeJS.Timeout | null = null

  const flush = async () => {
    if (held.length === 0) return
    try {
      file ??= await openFile(path)
      if (file.bytes > maxBytes) file = await rotate(file, path, keep)
      const lines = held.join('')
      await append(file, lines)
      held = []
      health.worked()
    } catch (error) {
      held = held.slice(-MAX_HELD_LINES)
      health.failed(error)
      if (file !== null) await abandon(file)
      file = null
      retry ??= setTimeout(() => {
        retry = null
        turn = turn.then(flush)
      }, RETRY_MS).unref()
    }
  }
  const record = (change: ChangeRecord, recordedAt: number) => {
    turn = turn.then(async () => {
      written ??= await keysInTail(path)
      const key = `${change.after.id}/${change.seq}`
      // After a kill the outbox tells again what it is not sure of: the last few. Later ones come once, and remembering
      // them all would grow for ever.
      if (written.has(key)) return
      held.push(`${JSON.stringify(wireChange(change, { recordedAt, sentAt: null, replayed: false }))}\n`)
      await flush()
    })
    return turn
  }
  return {
    record,
    sink: outcomes$ => eachChange(outcomes$, change => record(recordOf(change), Date.now())),
    close: async () => {
      turn = turn.then(flush)
      await turn
      if (retry !== null) clearTimeout(retry)
      await file?.handle.close()
    },
  }
}

interface JournalFile {
  readonly handle: FileHandle
  bytes: number
}

/** Opens for appending; a last line that was never finished is cut off. */
async function openFile(path: string): Promise<JournalFile> {
  await makeFolder(dirname(path))
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND)
  const { size } = await handle.stat()
  const tail = await readTail(handle, size)
  const bytes = size - (tail.length - (tail.lastIndexOf('\n') + 1))
  if (bytes < size) await handle.truncate(bytes)
  return { handle, bytes }
}

async function append(file: JournalFile, lines: string): Promise<void> {
  await file.handle.appendFile(lines)
  file.bytes += Buffer.byteLength(lines)
}

/** Takes back what was half written. Nothing more can be done where even that fails: opening again cuts the last line. */
async function abandon({ handle, bytes }: JournalFile): Promise<void> {
  await handle.truncate(bytes).catch(() => undefined)
  await handle.close().catch(() => undefined)
}

/** events.jsonl → events.jsonl.1 → events.jsonl.2 … */
async function rotate(file: JournalFile, path: string, keep: number): Promise<JournalFile> {
  await file.handle.close()
  await rm(`${path}.${keep}`, { force: true })
  for (let i = keep - 1; i >= 1; i--) if (await exists(`${path}.${i}`)) await rename(`${path}.${i}`, `${path}.${i + 1}`)
  if (keep > 0) await rename(path, `${path}.1`)
  else await rm(path, { force: true })
  return openFile(path)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function readTail(handle: FileHandle, size: number): Promise<string> {
  const buffer = Buffer.alloc(Math.min(TAIL_BYTES, size))
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, size - buffer.length)
  // latin1 keeps one character per byte, so that positions are those of the file.
  return buffer.toString('latin1', 0, bytesRead)
}

async function keysInTail(path: string): Promise<Set<string>> {
  const file = await openFile(path).catch(() => null)
  if (file === null) return new Set()
  const tail = await readTail(file.handle, file.bytes)
  await file.handle.close()
  return new Set(tail.split('\n').flatMap(keyOf))
}

function keyOf(line: string): string[] {
  try {
    const { seq, after } = JSON.parse(line) as WireChange
    return [`${after.id}/${seq}`]
  } catch {
    return [] // the first line of the tail is seldom whole
  }
}
