/** Reads the traces of events from disk, also while they are written. */

import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { WatchEvent } from '../types.ts'
import { systemCodeOf } from '../util/errors.ts'
import {
  AROUND_MS,
  dayOfTraceFile,
  type TraceHead,
  type TracePeak,
  type TraceRecord,
  type TraceRow,
  traceFileName,
  unpackRow,
} from './eventTrace.ts'

/** All that is stored of an event. */
export interface StoredTrace {
  readonly head: TraceHead
  /** The newest state; null if the program ended before it was written. */
  readonly event: WatchEvent | null
  /** In order of time. */
  readonly rows: readonly TraceRow[]
  /** The newest. */
  readonly peak: TracePeak | null
  /** Frames that a long event left out; null while the trace is still written, or if it was cut off. */
  readonly thinned: number | null
}

/** Which events are known. */
export type KnownTrace = Pick<TraceHead, 'id' | 'camera' | 'event' | 'startTime'>

export interface TraceReader {
  /** Null for an unknown id. */
  byId(id: string): Promise<StoredTrace | null>
  /** The trace of this event of a camera that covers this time; the newest one, if several do. */
  covering(camera: string, event: string, at: number): Promise<StoredTrace | null>
  /** Newest last. */
  known(): Promise<readonly KnownTrace[]>
}

export function openTraceReader(dir: string): TraceReader {
  const files = async () => (await readdirOrEmpty(dir)).filter(name => dayOfTraceFile(name) !== null).sort()
  const read = async (file: string, id: string): Promise<StoredTrace | null> => {
    const records: TraceRecord[] = []
    for await (const line of linesOf(join(dir, file))) {
      // Parsing is what takes time.
      const record = line.includes(JSON.stringify(id)) ? recordOf(line) : null
      if (record?.id === id) records.push(record)
    }
    return assemble(records)
  }
  const headsOf = async function* (file: string): AsyncGenerator<TraceHead> {
    for await (const line of linesOf(join(dir, file))) {
      const record = line.startsWith('{"k":"event"') ? recordOf(line) : null
      if (record?.k === 'event') yield record.head
    }
  }
  return {
    byId: async id => {
      const day = dayOfId(id)
      return day === null ? null : read(day, id)
    },
    covering: async (camera, event, at) => {
      const last = traceFileName(at + AROUND_MS)
      for (const file of (await files()).filter(name => name <= last).reverse()) {
        const ids: string[] = []
        for await (const head of headsOf(file))
          if (head.camera === camera && head.event === event && head.startTime - AROUND_MS <= at) ids.push(head.id)
        for (const id of ids.reverse()) {
          const trace = await read(file, id)
          if (trace !== null && covers(trace, at)) return trace
        }
      }
      return null
    },
    known: async () => {
      const found: KnownTrace[] = []
      for (const file of await files()) for await (const head of headsOf(file)) found.push(head)
      return found.sort((a, b) => a.startTime - b.startTime)
    },
  }
}

function covers({ rows }: StoredTrace, at: number): boolean {
  const [first, last] = [rows[0]?.at, rows.at(-1)?.at]
  return first !== undefined && last !== undefined && at >= first && at <= last
}

function assemble(records: readonly TraceRecord[]): StoredTrace | null {
  const head = records.find(record => record.k === 'event')?.head
  if (head === undefined) return null
  const changes = records.filter(record => record.k === 'change')
  const rows = records.flatMap(record => (record.k === 'rows' ? record.rows.map(unpackRow) : []))
  return {
    head,
    event: changes.at(-1)?.after ?? null,
    rows: rows.sort((a, b) => a.at - b.at),
    peak: changes.findLast(({ peak }) => peak !== null)?.peak ?? null,
    thinned: records.find(record => record.k === 'done')?.thinned ?? null,
  }
}

/** A kill or a full disk cuts lines off; they are left out. */
function recordOf(line: string): TraceRecord | null {
  try {
    const value: unknown = JSON.parse(line)
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is TraceRecord {
  if (typeof value !== 'object' || value === null) return false
  const { k, id, head, rows, after } = value as Record<string, unknown>
  if (typeof id !== 'string') return false
  if (k === 'event') return typeof head === 'object' && head !== null
  if (k === 'rows') return Array.isArray(rows) && rows.every(Array.isArray)
  if (k === 'change') return typeof after === 'object' && after !== null
  return k === 'done'
}

/** `20261124T034255123-…` → the file of that day. */
function dayOfId(id: string): string | null {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})T/.exec(id) ?? []
  return day === undefined ? null : `${year}-${month}-${day}.jsonl`
}

async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error
  }
}

async function readdirOrEmpty(dir: string): Promise<string[]> {
  try {
    return await readdir(dir)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  }
}
