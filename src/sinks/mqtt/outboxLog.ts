/** The outbox on disk: an append-only file of checksummed lines that survives kill -9, torn writes and flipped bits. */

import { constants } from 'node:fs'
import { type FileHandle, link, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { messageOf, systemCodeOf, WatchwordError } from '../../util/errors.ts'
import { makeFolder } from '../../util/makeFolder.ts'
import type { OutboxRecord } from './outboxRules.ts'

export interface OutboxDamage {
  /** Where the unreadable part lies now; on a full disk with the readable one. */
  readonly setAside: string
  /** Records that could be read. */
  readonly kept: number
}

/** The file's records and what was wrong with it. A file that is not there has none. */
export interface OutboxReading {
  readonly records: readonly OutboxRecord[]
  readonly damage: OutboxDamage | null
}

export async function readOutboxLog(path: string, now: number): Promise<OutboxReading> {
  const content = await readFile(path).catch(error => {
    if (systemCodeOf(error) === 'ENOENT') return Buffer.alloc(0)
    throw unusable(path, error)
  })
  const { records, bad } = parse(content.toString('latin1'))
  if (bad.length === 0) return { records, damage: null }
  const setAside = `${path}.damaged-${new Date(now).toISOString().replaceAll(':', '')}`
  await keep(path, setAside, bad).catch(error => {
    throw unusable(path, error)
  })
  return { records, damage: { setAside, kept: records.length } }
}

/** On a disk that is full as well the whole file gets a second name: that takes no room. */
async function keep(path: string, setAside: string, bad: readonly string[]): Promise<void> {
  try {
    await writeFile(setAside, Buffer.from(bad.join('\n'), 'latin1'))
  } catch {
    await rm(setAside, { force: true })
    await link(path, setAside)
  }
}

/** A file that only grows, until it is written anew. One writer at a time; calls must not overlap. */
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

  /** Resolves when the records are on the disk itself. After a rejection the file must be written anew. */
  async append(records: readonly OutboxRecord[], { durable }: { durable: boolean }): Promise<void> {
    if (this.#file === null) throw new Error('outbox log is not open')
    const lines = Buffer.from(records.map(line).join(''), 'latin1')
    await this.#file.appendFile(lines)
    this.#bytes += lines.length
    if (durable) await this.#file.datasync()
  }

  /** Replaces the whole file by these records, or leaves it as it was. */
  async rewrite(records: readonly OutboxRecord[]): Promise<void> {
    const fresh = `${this.#path}.new`
    const lines = Buffer.from(records.map(line).join(''), 'latin1')
    try {
      await makeFolder(dirname(this.#path))
      await writeFile(fresh, lines, { flush: true })
      await rename(fresh, this.#path)
    } catch (error) {
      await rm(fresh, { force: true })
      throw error
    }
    await this.close()
    await syncDirectory(dirname(this.#path))
    this.#file = await open(this.#path, constants.O_WRONLY | constants.O_APPEND)
    this.#bytes = lines.length
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = null
  }
}

/** `<crc32 of the JSON as 8 hex digits> <JSON in ASCII>\n` */
function line(record: OutboxRecord): string {
  // ASCII only, so that latin1 keeps every byte of a damaged file as it is.
  const json = JSON.stringify(record).replace(
    /[\u007f-\uffff]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`
}

/** Also splits where a line begins without a line feed before it: one flipped bit costs one record. */
const LINE_START = /\n|(?=[0-9a-f]{8} \{"k":")/

function parse(content: string): { records: OutboxRecord[]; bad: string[] } {
  const records: OutboxRecord[] = []
  const bad: string[] = []
  for (const text of content.split(LINE_START)) {
    if (text.length === 0) continue
    const json = text.slice(9)
    if (text.slice(0, 8) === crc32(json).toString(16).padStart(8, '0')) records.push(JSON.parse(json) as OutboxRecord)
    else bad.push(text)
  }
  return { records, bad }
}

/** Makes a rename survive a power cut. Where directories can't be opened (Windows) the rename is as safe as it gets. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => null)
  if (directory === null) return
  await directory.sync()
  await directory.close()
}

function unusable(path: string, cause: unknown): WatchwordError {
  return new WatchwordError(`Cannot read the outbox ${path}: ${messageOf(cause)}`, {
    code: 'outbox-unreadable',
    hint: 'Give the user that runs Watchword the right to read and write it, or move the file away.',
    cause,
    facts: { path },
  })
}
