/** The lines of the outbox's file: `<crc32 of the JSON as 8 hex digits> <JSON in ASCII>\n`. */

import { crc32 } from 'node:zlib'
import type { ChangeRecord } from '../payload.ts'

/** What is written down, in order. Replaying all of it restores the state; replaying it twice restores the same state. */
export type OutboxRecord =
  /** Waits for the broker, and for the journal. */
  | { readonly k: 'put'; readonly n: number; readonly at: number; readonly change: ChangeRecord }
  /** Sent, coalesced or dropped; of the event `forget` nothing more is to be sent. */
  | { readonly k: 'removed'; readonly n: readonly number[]; readonly forget?: string }
  /** Waits for the journal alone. */
  | { readonly k: 'unjournaled'; readonly n: number; readonly at: number; readonly change: ChangeRecord }
  /** The journal has everything up to `n`; `newest` is the highest number ever given. */
  | { readonly k: 'journaled'; readonly n: number; readonly newest?: number }
  /** An event whose `new` has left already: its last known state. */
  | { readonly k: 'known'; readonly change: ChangeRecord; readonly forgotten: boolean }

export function lineOf(record: OutboxRecord): string {
  // ASCII only, so that latin1 keeps every byte of a damaged file as it is.
  const json = JSON.stringify(record).replace(
    /[\u007f-\uffff]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `${checksumOf(json)} ${json}\n`
}

/** Where a line begins without a line feed before it: one flipped bit costs one record. */
const LINE_START = /(?=[0-9a-f]{8} \{"k":")/

/** Lines of a file, damaged ones among them. @param text latin1; whole lines, but for what is damaged */
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

/** null for a line that is damaged, or is none of ours although its checksum is right. */
function recordOf(line: string): OutboxRecord | null {
  const json = line.slice(9)
  if (line.slice(0, 8) !== checksumOf(json)) return null
  try {
    const record: unknown = JSON.parse(json)
    return isRecord(record) ? record : null
  } catch {
    return null
  }
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
