/** The trace of one event while it is written: buffers its rows, thins them, and makes the records. */

import type { ScoringTexts } from '../scoringTypes.ts'
import type { EventChange } from '../types.ts'
import { logitsOf, type RecentFrame, rowOf } from './createRecentFrames.ts'
import { AROUND_MS, packRow, type TraceHead, type TracePeak, type TraceRecord, type TraceRow } from './eventTrace.ts'
import { lastPeak, type Thinning, thinStep } from './thinStep.ts'

export interface OpenTrace {
  /** Takes a frame of the camera. Returns false when the trace is over: the frame is not part of it. */
  add(frame: RecentFrame): boolean
  /** @param peakFrame the frame at the event's `why.at`; null if it is not known (any more) */
  change(change: EventChange, peakFrame: RecentFrame | null): void
  /** The event has ended; its trace goes on for a while. */
  readonly isEnded: () => boolean
  finish(): void
}

/** Rows are written this often, and the phrases' logits are computed this often. */
const EVERY_MS = 1000

/** @param texts with which the event's phrases in `head` were made */
export function openTrace(head: TraceHead, texts: ScoringTexts, write: (record: TraceRecord) => void): OpenTrace {
  const { id, event } = head
  let thinning: Thinning | null = null
  let thinned = 0
  let rows: TraceRow[] = []
  let writtenAt = Number.NEGATIVE_INFINITY
  let logitsAt = Number.NEGATIVE_INFINITY
  let peakAt: number | null = null
  let endTime: number | null = null

  const logits = (frame: RecentFrame) => (frame.texts === texts ? logitsOf(frame, event) : null)
  const flush = () => {
    if (rows.length > 0) write({ k: 'rows', id, rows: rows.map(packRow) })
    rows = []
  }
  /** The rows to keep now. After the end all are: it is short. */
  const chosen = (row: TraceRow): readonly TraceRow[] => {
    if (endTime !== null) return [row]
    const value = head.rule.rule === 'leaves' ? -row.score : row.score
    const [next, kept] = thinStep(thinning, { row, value })
    thinning = next
    if (kept.length === 0) thinned++
    return kept
  }
  const peakOf = (frame: RecentFrame | null): TracePeak | null => {
    if (frame === null || peakAt === frame.at) return null
    peakAt = frame.at
    return { at: frame.at, logits: logits(frame) }
  }
  write({ k: 'event', id, head })
  return {
    isEnded: () => endTime !== null,
    add: frame => {
      if (endTime !== null && Math.abs(frame.at - endTime) > AROUND_MS) return false
      const row = rowOf(frame, event)
      if (row === null) return true
      const isDue = Math.abs(frame.at - logitsAt) >= EVERY_MS
      if (isDue) logitsAt = frame.at
      rows.push(...chosen(isDue ? { ...row, logits: logits(frame) } : row))
      if (Math.abs(frame.at - writtenAt) >= EVERY_MS) {
        flush()
        writtenAt = frame.at
      }
      return true
    },
    change: ({ type, after }, peakFrame) => {
      if (type === 'end' && thinning !== null) rows.push(...lastPeak(thinning))
      flush()
      write({ k: 'change', id, type, after, peak: peakOf(peakFrame) })
      if (type === 'end') endTime = after.endTime ?? after.frameTime
    },
    finish: () => {
      flush()
      write({ k: 'done', id, thinned })
    },
  }
}
