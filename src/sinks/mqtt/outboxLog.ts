/** The outbox file: append-only; survives kill -9, torn writes, flipped bits and deletion. */

import { constants, createReadStream } from 'node:fs'
import { type FileHandle, link, open, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PRIVATE_FILE, PRIVATE_FOLDER, replaceFile } from '../../util/atomicWrite.ts'
import { messageOf, systemCodeOf, WatchwordError } from '../../util/errors.ts'
import { makeFolder } from '../../util/makeFolder.ts'
import { lineOf, type OutboxRecord, readLines } from './outboxRecord.ts'

export interface OutboxDamage {
  /** Path of the copy of the unreadable part; on a full disk, of the whole file. */
  readonly setAside: string
  /** Records that could be read. */
  readonly kept: number
}

/** A longer line counts as damaged, so that memory stays bounded for any file content. */
const MAX_LINE = 8 * 1024 * 1024

/**
 * Reads the file as a stream, whatever its size. A file that does not exist has no records.
 * @param take called with the records, in order
 * @returns the damage; null when the file was intact
 * @throws WatchwordError `outbox-unreadable`
 */
export async function readOutboxLog(
  path: string,
  now: number,
  take: (records: readonly OutboxRecord[]) => void,
): Promise<OutboxDamage | null> {
  const setAside = new SetAside(path, now)
  let kept = 0
  let rest = ''
  const read = async (text: string) => {
    const { records, bad } = readLines(text)
    kept += records.length
    take(records)
    if (bad.length > 0) await setAside.add(bad)
  }
  try {
    for await (const chunk of createReadStream(path, { encoding: 'latin1', highWaterMark: 1024 * 1024 })) {
      const text = rest + chunk
      const end = text.lastIndexOf('\n') + 1 || (text.length > MAX_LINE ? text.length : 0)
      rest = text.slice(end)
      if (end > 0) await read(text.slice(0, end))
    }
    if (rest.length > 0) await read(rest)
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw unreadableError(path, error)
  } finally {
    await setAside.close()
  }
  return setAside.path === null ? null : { setAside: setAside.path, kept }
}

/** Keeps damaged lines in a second file. On a full disk it hard-links the whole file instead, which takes no space. */
class SetAside {
  readonly #source: string
  readonly #target: string
  #file: FileHandle | null = null
  #isLinked = false

  constructor(source: string, now: number) {
    this.#source = source
    this.#target = `${source}.damaged-${new Date(now).toISOString().replaceAll(':', '')}`
  }

  /** null as long as no line was damaged. */
  get path(): string | null {
    return this.#file === null && !this.#isLinked ? null : this.#target
  }

  async add(bad: readonly string[]): Promise<void> {
    if (this.#isLinked) return
    try {
      this.#file ??= await open(this.#target, 'w', PRIVATE_FILE)
      await this.#file.appendFile(Buffer.from(`${bad.join('\n')}\n`, 'latin1'))
    } catch {
      await this.close()
      await rm(this.#target, { force: true })
      await link(this.#source, this.#target)
      this.#isLinked = true
    }
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }
}

/** An append-only file that can be rewritten as a whole. Calls must not overlap. */
export class OutboxLog {
  readonly #path: string
  #file: FileHandle | null = null
  #bytes = 0

  constructor(path: string) {
    this.#path = path
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Resolves when the records are on the disk itself. After a rejection the file must be rewritten. */
  async append(records: readonly OutboxRecord[], { durable }: { durable: boolean }): Promise<void> {
    if (this.#file === null) throw new Error('outbox log is not open')
    const lines = Buffer.from(records.map(lineOf).join(''), 'latin1')
    await this.#file.appendFile(lines)
    this.#bytes += lines.length
    if (durable) await this.#file.datasync()
  }

  /** Whether another program deleted, moved or replaced the file, so that appended lines would be lost. */
  async isReplaced(): Promise<boolean> {
    if (this.#file === null) return false
    const [ours, there] = await Promise.all([this.#file.stat(), stat(this.#path).catch(() => null)])
    return there === null || there.ino !== ours.ino || there.dev !== ours.dev
  }

  /** Replaces the whole file with these records, or leaves it unchanged on a failure. */
  async rewrite(records: readonly OutboxRecord[]): Promise<void> {
    let bytes = 0
    await makeFolder(dirname(this.#path), PRIVATE_FOLDER)
    await replaceFile(
      this.#path,
      async append => {
        for (const chunk of chunksOf(records)) {
          await append(chunk)
          bytes += chunk.length
        }
      },
      { isPrivate: true, soleWriter: true },
    )
    await this.close()
    await syncDirectory(dirname(this.#path))
    this.#file = await open(this.#path, constants.O_WRONLY | constants.O_APPEND)
    this.#bytes = bytes
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = null
    await file?.close()
  }
}

const CHUNK_CHARS = 1024 * 1024

function* chunksOf(records: readonly OutboxRecord[]): Iterable<Buffer> {
  let lines: string[] = []
  let length = 0
  for (const record of records) {
    const line = lineOf(record)
    lines.push(line)
    length += line.length
    if (length < CHUNK_CHARS) continue
    yield Buffer.from(lines.join(''), 'latin1')
    lines = []
    length = 0
  }
  yield Buffer.from(lines.join(''), 'latin1')
}

/** Makes a rename survive a power cut. Where directories cannot be opened (Windows) this does nothing. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => null)
  if (directory === null) return
  await directory.sync()
  await directory.close()
}

function unreadableError(path: string, cause: unknown): WatchwordError {
  return new WatchwordError(`Cannot read the outbox ${path}: ${messageOf(cause)}`, {
    code: 'outbox-unreadable',
    hint: 'Give the user who runs Watchword read and write permission for it, or move the file away.',
    cause,
    facts: { path },
  })
}
