/** The trace of an event: the numbers of each of its frames, as they were computed live, and their form on disk. */

import { join } from 'node:path'
import type { Box, EventChange, WatchEvent } from '../types.ts'
import { historyFolder } from './segments.ts'

/** A trace begins this long before its event, as far as the camera's recent frames reach, and ends this long after it. */
export const AROUND_MS = 10_000

/** What does not change while an event is open. */
export interface TraceHead {
  readonly id: string
  readonly camera: string
  readonly event: string
  /** Start of the event, ms since the epoch. */
  readonly startTime: number
  readonly rule: TraceRule
  readonly model: TraceModel
  /** The event's phrases: [for, against], in the order of the logits of `TraceLogits`. */
  readonly phrases: TracePhrases<string>
}

export interface TraceRule {
  readonly rule: string
  /** Scores at which an event starts and at which it ends, [0, 1]. */
  readonly threshold: number
  readonly releaseThreshold: number
}

export interface TraceModel {
  readonly sha256: string
  readonly variant: string
  /** Length of the embeddings. */
  readonly dim: number
}

export interface TracePhrases<T> {
  readonly for: readonly T[]
  readonly against: readonly T[]
}

/** One frame of an event. What belongs to a view is that of the view that decided. */
export interface TraceRow {
  /** Capture time, ms since the epoch. */
  readonly at: number
  /** Smoothed and raw score, [0, 1]. */
  readonly score: number
  readonly raw: number
  /** As in `Judgement`; null where all events are scored against each other, and where the event counted in no view. */
  readonly margin: number | null
  readonly aboveQuiet: number | null
  readonly learned: number | null
  readonly answers: number | null
  readonly logOdds: number | null
  /** Of the view, [0, 1]. */
  readonly motion: number
  readonly settled: number
  /** Evidence of the rule, [0, 1]; null for a frame with a problem. */
  readonly evidence: number | null
  /** Id of the view; null: the event counted in none. */
  readonly view: string | null
  /** What moves or has come to rest in the view. */
  readonly box: Box | null
  readonly zones: readonly string[]
  /** Logits of the phrases, nats; in at most one row a second. */
  readonly logits: TracePhrases<number> | null
}

/** The phrases in the image that decided a peak. */
export interface TracePeak {
  readonly at: number
  readonly logits: TracePhrases<number> | null
}

/** A line of a trace file. */
export type TraceRecord =
  | { readonly k: 'event'; readonly id: string; readonly head: TraceHead }
  | { readonly k: 'rows'; readonly id: string; readonly rows: readonly PackedRow[] }
  /** `peak`: of the frame at `after.why.at`, when that is new. */
  | {
      readonly k: 'change'
      readonly id: string
      readonly type: EventChange['type']
      readonly after: WatchEvent
      readonly peak: TracePeak | null
    }
  /** Nothing follows. `thinned`: frames that were left out of a long event. */
  | { readonly k: 'done'; readonly id: string; readonly thinned: number }

/** A row in the order of `TraceRow`; the box as four numbers. */
export type PackedRow = readonly [
  at: number,
  score: number,
  raw: number,
  margin: number | null,
  aboveQuiet: number | null,
  learned: number | null,
  answers: number | null,
  logOdds: number | null,
  motion: number,
  settled: number,
  evidence: number | null,
  view: string | null,
  box: readonly [number, number, number, number] | null,
  zones: readonly string[],
  logits: readonly [readonly number[], readonly number[]] | null,
]

export function packRow(row: TraceRow): PackedRow {
  const { box, logits } = row
  return [
    row.at,
    short(row.score),
    short(row.raw),
    shortOrNull(row.margin),
    shortOrNull(row.aboveQuiet),
    shortOrNull(row.learned),
    shortOrNull(row.answers),
    shortOrNull(row.logOdds),
    short(row.motion),
    short(row.settled),
    shortOrNull(row.evidence),
    row.view,
    box && [short(box.x), short(box.y), short(box.width), short(box.height)],
    row.zones,
    logits && [logits.for.map(short), logits.against.map(short)],
  ]
}

export function unpackRow(packed: PackedRow): TraceRow {
  const [
    at,
    score,
    raw,
    margin,
    aboveQuiet,
    learned,
    answers,
    logOdds,
    motion,
    settled,
    evidence,
    view,
    box,
    zones,
    logits,
  ] = packed
  return {
    at,
    score,
    raw,
    margin,
    aboveQuiet,
    learned,
    answers,
    logOdds,
    motion,
    settled,
    evidence,
    view,
    box: box && { x: box[0], y: box[1], width: box[2], height: box[3] },
    zones,
    logits: logits && { for: logits[0], against: logits[1] },
  }
}

/** Nine significant digits: more than the six that `explain` shows. */
function short(value: number): number {
  return Number(value.toPrecision(9))
}

function shortOrNull(value: number | null): number | null {
  return value === null ? null : short(value)
}

/** Folder of the trace files in a data directory. No camera can have its name. */
export function traceFolder(dataDir: string): string {
  return join(historyFolder(dataDir), '_traces')
}

/** File of the traces of events that started on this day (UTC): `2026-11-30.jsonl`. */
export function traceFileName(startTime: number): string {
  return `${new Date(startTime).toISOString().slice(0, 10)}.jsonl`
}

/** The day that a file's name stands for, ms since the epoch; null for another file. */
export function dayOfTraceFile(name: string): number | null {
  const day = /^(\d{4}-\d{2}-\d{2})\.jsonl$/.exec(name)?.[1]
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(at) ? null : at
}
