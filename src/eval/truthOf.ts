/** Turns the labels of a video into true spans: times in ms, checked against the video, overlaps merged. */

import type { Label, LabelledVideo } from './labels/label.ts'
import { labelError } from './labels/labelError.ts'
import { type Span, union } from './matchSpans.ts'

export interface TruthOptions {
  /** Of the labels, for messages. */
  readonly file: string
  /** Of the video, for messages. */
  readonly video: string
  /** At which the labels count frames; null: unknown. */
  readonly fps: number | null
  /** Length of the video, ms; null: unknown. */
  readonly durationMs: number | null
  /** Overlapping spans of one event are one. */
  readonly merges: boolean
  /** The event that a label means; null: it is not evaluated. Throws for a name that is none. */
  readonly eventOf: (label: Label) => string | null
}

export interface EventTruth {
  readonly truths: readonly Span[]
  /** Uncertain. */
  readonly ignored: readonly Span[]
}

export interface Truth {
  /** By event; an event that the labels do not name has no entry. */
  readonly events: ReadonlyMap<string, EventTruth>
  /** Uncertain for every event. */
  readonly ignored: readonly Span[]
  /** Spans that were merged into another of their event. */
  readonly merged: number
  /** Labels of events that are not evaluated. */
  readonly skipped: number
}

/** The name of labels that mark uncertain time for all events. */
export const ALL_EVENTS = '*'

/** Labels may end so much after the video, ms: its last frame is shown for a moment. */
const ROUNDING_MS = 1000

/** @throws WatchwordError `labels-invalid` for the first label that cannot be right */
export function truthOf({ labels }: Pick<LabelledVideo, 'labels'>, options: TruthOptions): Truth {
  const everywhere: Span[] = []
  const events = new Map<string, { truths: Span[]; ignored: Span[] }>()
  let skipped = 0
  for (const label of labels) {
    const isForAll = label.event === ALL_EVENTS
    const event = isForAll ? null : options.eventOf(label)
    const span = spanOf(label, options)
    if (isForAll) everywhere.push(span)
    else if (event === null) skipped += 1
    else {
      const known = events.get(event) ?? { truths: [], ignored: [] }
      events.set(event, known)
      if (label.ignored) known.ignored.push(span)
      else known.truths.push(span)
    }
  }
  let merged = 0
  const settled = [...events].map(([event, { truths, ignored }]): [string, EventTruth] => {
    const spans = options.merges ? union(truths) : [...truths].sort((a, b) => a.from - b.from || a.to - b.to)
    merged += truths.length - spans.length
    return [event, { truths: spans, ignored }]
  })
  return { events: new Map(settled), ignored: everywhere, merged, skipped }
}

function spanOf(label: Label, { file, video, fps, durationMs }: TruthOptions): Span {
  const { from, to, unit, place } = label
  const fail = (problem: string, hint?: string) => labelError(file, place, problem, hint)
  if (unit === 'frames' && fps === null)
    throw fail(
      'Expected a frame rate for frame numbers, and neither the labels nor the video states one',
      'Use --label-fps',
    )
  const scale = unit === 'frames' ? 1000 / (fps as number) : 1000
  const span = { from: from * scale, to: to * scale }
  if (!Number.isFinite(span.from) || !Number.isFinite(span.to)) throw fail('Expected two times, got one without end')
  if (from < 0) throw fail(`Expected the span to begin at 0 or later, got ${text(from, unit)}`)
  if (to <= from) throw fail(`Expected the span to end after it begins, got ${text(from, unit)} to ${text(to, unit)}`)
  if (durationMs === null) return span
  const rate = 'A frame rate other than that of the labels makes them too long: see --label-fps'
  if (span.to > durationMs + ROUNDING_MS) {
    const end = `${seconds(span.to)}, but ${video} ends at ${seconds(durationMs)}`
    throw fail(`the span ends at ${end}`, ...(unit === 'frames' ? [rate] : []))
  }
  if (span.from >= durationMs)
    throw fail(`the span begins at ${seconds(span.from)}, but ${video} ends at ${seconds(durationMs)}`)
  return { from: span.from, to: Math.min(span.to, durationMs) }
}

function text(value: number, unit: Label['unit']): string {
  return unit === 'frames' ? `frame ${value}` : `${value} s`
}

function seconds(ms: number): string {
  return `${Math.round(ms) / 1000} s`
}
