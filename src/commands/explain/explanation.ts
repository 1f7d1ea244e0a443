/** What `explain` shows: an event or a moment, its rows, and the phrases that decided. */

import type { TraceHead, TracePhrases, TraceRow } from '../../history/eventTrace.ts'
import type { StoredTrace } from '../../history/openTraceReader.ts'
import { type PhraseSides, weighPhrases } from '../../scoring/explainEvent.ts'
import type { WatchEvent } from '../../types.ts'

export interface Explanation {
  /** `trace`: the live numbers. `vectors`: computed again from the history. */
  readonly source: 'trace' | 'vectors'
  /** Null: a moment without an event. */
  readonly id: string | null
  readonly camera: string
  readonly event: string
  readonly rule: TraceHead['rule']
  readonly model: TraceHead['model']
  /** The newest state; null without an event, and if the program ended before it was written. */
  readonly state: WatchEvent | null
  readonly rows: readonly TraceRow[]
  /** ms since the epoch; null: the event as a whole was asked for. */
  readonly askedAt: number | null
  /** What is explained: the asked time, else the image that decided the peak. */
  readonly moment: Moment | null
  /** Frames that a long event left out; null: unknown. */
  readonly thinned: number | null
}

export interface Moment {
  readonly row: TraceRow
  /** Null where the phrases are not known. */
  readonly phrases: PhraseSides | null
}

/** @param at the asked time; null: the peak */
export function explanationOf(trace: StoredTrace, at: number | null): Explanation {
  const { head, event: state, rows, thinned } = trace
  const { id, camera, event, rule, model, phrases } = head
  const shown = { source: 'trace', id, camera, event, rule, model, state, rows, thinned, askedAt: at } as const
  if (at !== null) return { ...shown, moment: momentAt(rows, at, phrases) }
  const peakAt = trace.peak?.at ?? state?.why?.at ?? state?.topTime ?? null
  const row = peakAt === null ? highest(rows, rule.rule) : nearestTo(rows, peakAt)
  if (row === null) return { ...shown, moment: null }
  const logits = trace.peak?.logits ?? row.logits
  return { ...shown, moment: { row, phrases: logits && sidesOf(phrases, logits) } }
}

/** The row next to a time; its phrases are those of the next row that has them. */
export function momentAt(rows: readonly TraceRow[], at: number, phrases: TracePhrases<string>): Moment | null {
  const row = nearestTo(rows, at)
  if (row === null) return null
  const weighed = nearestTo(
    rows.filter(({ logits }) => logits !== null),
    row.at,
  )
  const isNear = weighed?.logits && Math.abs(weighed.at - row.at) <= 2000
  return { row, phrases: isNear ? sidesOf(phrases, weighed.logits as TracePhrases<number>) : null }
}

function sidesOf(phrases: TracePhrases<string>, logits: TracePhrases<number>): PhraseSides {
  return { for: weighPhrases(phrases.for, logits.for), against: weighPhrases(phrases.against, logits.against) }
}

function nearestTo(rows: readonly TraceRow[], at: number): TraceRow | null {
  return rows.reduce<TraceRow | null>(
    (best, row) => (best === null || Math.abs(row.at - at) < Math.abs(best.at - at) ? row : best),
    null,
  )
}

/** The event of rule `leaves` is strongest where the score is lowest. */
function highest(rows: readonly TraceRow[], rule: string): TraceRow | null {
  const sign = rule === 'leaves' ? -1 : 1
  return rows.reduce<TraceRow | null>(
    (best, row) => (best === null || sign * row.score > sign * best.score ? row : best),
    null,
  )
}
