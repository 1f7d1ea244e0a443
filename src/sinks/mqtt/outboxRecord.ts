/** Encodes and parses the lines of the outbox file: `<crc32 of the JSON as 8 hex digits> <JSON in ASCII>\n`. */

import { crc32 } from 'node:zlib'
import type { WatchEvent } from '../../types.ts'
import type { ChangeRecord } from '../eventPayload.ts'

/** A record of the log. Replaying all records in order restores the state; replaying them twice restores the same state. */
export type OutboxRecord =
  /** The change waits for the broker and for the journal. */
  | { readonly k: 'put'; readonly n: number; readonly at: number; readonly change: ChangeRecord }
  /**
   * These changes were sent, coalesced, dropped or set aside; later changes of the event `forget` must not be sent, those of
   * `setAside` neither.
   */
  | { readonly k: 'removed'; readonly n: readonly number[]; readonly forget?: string; readonly setAside?: string }
  /** The change waits for the journal alone. */
  | { readonly k: 'unjournaled'; readonly n: number; readonly at: number; readonly change: ChangeRecord }
  /** The journal has all changes up to `n`; `newest` is the highest number that an entry ever had. */
  | { readonly k: 'journaled'; readonly n: number; readonly newest?: number }
  /** The last known state of an event whose `new` was already sent. */
  | { readonly k: 'known'; readonly change: ChangeRecord; readonly forgotten: boolean; readonly isSetAside?: boolean }

export function lineOf(record: OutboxRecord): string {
  // ASCII only, so that latin1 preserves every byte of a damaged file.
  const json = JSON.stringify(record).replace(
    /[\u007f-\uffff]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `${checksumOf(json)} ${json}\n`
}

/** The start of a line without a line feed before it: one flipped bit costs one record. */
const LINE_START = /(?=[0-9a-f]{8} \{"k":")/

/** Parses lines and returns damaged ones apart. @param text latin1; whole lines, except damaged ones */
export function readLines(text: string): { records: OutboxRecord[]; bad: string[] } {
  const records: OutboxRecord[] = []
  const bad: string[] = []
  const read = (line: string): boolean => {
    const record = recordOf(line)
    if (record !== null) records.push(record)
    return record !== null
  }
  for (const line of text.split('\n')) {
    if (line.length === 0 || read(line)) continue
    for (const part of line.split(LINE_START)) if (!read(part)) bad.push(part)
  }
  return { records, bad }
}

/** null for a damaged line, and for an unknown record with a correct checksum, such as that of another version. */
function recordOf(line: string): OutboxRecord | null {
  const json = line.slice(9)
  if (line.slice(0, 8) !== checksumOf(json)) return null
  try {
    const record: unknown = JSON.parse(json)
    return isRecord(record) ? upgraded(record) : null
  } catch {
    return null
  }
}

/** Adds the fields that older versions did not store. */
function upgraded(record: OutboxRecord): OutboxRecord {
  if (!('change' in record)) return record
  const { before, after } = record.change
  const complete = (event: WatchEvent): WatchEvent => ({
    ...event,
    where: event.where ?? null,
    why: event.why ?? null,
  })
  return { ...record, change: { ...record.change, before: before && complete(before), after: complete(after) } }
}

function isRecord(value: unknown): value is OutboxRecord {
  if (!isObject(value)) return false
  const { k, n, at, change } = value
  if (k === 'removed') return Array.isArray(n) && n.every(Number.isFinite)
  if (k === 'journaled') return Number.isFinite(n)
  if (k === 'known') return isChange(change)
  return (k === 'put' || k === 'unjournaled') && Number.isFinite(n) && Number.isFinite(at) && isChange(change)
}

function isChange(value: unknown): boolean {
  return isObject(value) && Number.isFinite(value.seq) && isObject(value.after) && typeof value.after.id === 'string'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function checksumOf(json: string): string {
  return crc32(json).toString(16).padStart(8, '0')
}
