/** Writes every event change as a line of JSON to the journal, a file for people and programs. */

import { constants } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../util/atomicWrite.ts'
import { makeFolder } from '../util/makeFolder.ts'
import { writeError } from '../util/writeError.ts'
import { type ChangePayload, type ChangeRecord, changePayload } from './eventPayload.ts'
import { createDiskDeadline, createSinkHealth } from './sink.ts'

export interface JournalOptions {
  readonly path: string
  /** Above this size the file is renamed to `<path>.1`, and a new one begins. */
  readonly maxBytes: number
  /** How many old files are kept. */
  readonly keep: number
  readonly telemetry: Telemetry
}

export interface Journal {
  /**
   * Resolves to true when the line is written to the system, to false when a failure was reported: then the caller must record
   * the change again. A change that is already in the file is not written twice. Never rejects.
   */
  record(change: ChangeRecord, recordedAt: number): Promise<boolean>
  /** Resolves in bounded time, also if the disk hangs. */
  close(): Promise<void>
}

/** Interval of the checks whether the file was deleted or replaced. */
const CHECK_MS = 2000

/** How much of the file's end is read to find the changes that it already has. */
const TAIL_BYTES = 1024 * 1024

export function openJournal({ path, maxBytes, keep, telemetry }: JournalOptions): Journal {
  const health = createSinkHealth('journal', telemetry)
  const deadline = createDiskDeadline(health)
  let file: JournalFile | null = null
  let written: Set<string> | null = null
  let turn: Promise<unknown> = Promise.resolve()

  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work()
      health.worked()
      return true
    } catch (error) {
      health.failed(writeError(error, path))
      if (file !== null) await abandon(file)
      file = null
      return false
    }
  }
  const ensureInPlace = async () => {
    if (file !== null && (await isReplaced(file, path))) {
      health.failed(new Error(`${path} was deleted or replaced by another program; starting a new file`))
      await file.handle.close()
      file = null
    }
    file ??= await openFile(path)
  }
  const write = async (change: ChangeRecord, recordedAt: number) => {
    written ??= await keysInTail(path)
    await ensureInPlace()
    // After a kill the outbox repeats the last few changes. Later changes come once; remembering all of them would need
    // unbounded memory.
    if (file === null || written.has(`${change.after.id}/${change.seq}`)) return
    if (file.bytes > maxBytes) file = await rotate(file, path, keep)
    await append(file, `${JSON.stringify(changePayload(change, { recordedAt, sentAt: null, replayed: false }))}\n`)
  }
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work)
    turn = result
    return result
  }
  const checks = setInterval(() => {
    if (file !== null) void inTurn(() => attempt(ensureInPlace))
  }, CHECK_MS).unref()
  return {
    record: (change, recordedAt) => inTurn(() => attempt(() => write(change, recordedAt))),
    close: async () => {
      clearInterval(checks)
      await deadline.wait(inTurn(async () => file?.handle.close()).catch(() => undefined))
    },
  }
}

interface JournalFile {
  readonly handle: FileHandle
  bytes: number
}

/** Opens the file for appending, and removes an incomplete last line. */
async function openFile(path: string): Promise<JournalFile> {
  await makeFolder(dirname(path), PRIVATE_FOLDER)
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, PRIVATE_FILE)
  const { size } = await handle.stat()
  const tail = await readTail(handle, size)
  const bytes = size - (tail.length - (tail.lastIndexOf('\n') + 1))
  if (bytes < size) await handle.truncate(bytes)
  return { handle, bytes }
}

/** Whether another program deleted, moved or replaced the file, so that appended lines would be lost. */
async function isReplaced({ handle }: JournalFile, path: string): Promise<boolean> {
  const [ours, there] = await Promise.all([handle.stat(), stat(path).catch(() => null)])
  return there === null || there.ino !== ours.ino || there.dev !== ours.dev
}

async function append(file: JournalFile, lines: string): Promise<void> {
  await file.handle.appendFile(lines)
  file.bytes += Buffer.byteLength(lines)
}

/** Removes an incomplete line. If that fails too, the next opening removes it. */
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
  // latin1 has one character per byte, so that positions in the text are positions in the file.
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
    const { seq, after } = JSON.parse(line) as ChangePayload
    return [`${after.id}/${seq}`]
  } catch {
    return [] // the first line of the tail is usually incomplete
  }
}
