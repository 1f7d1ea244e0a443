/** Keeps, for each true span, the image of its middle and the one with the highest score: shown when it is missed. */

import type { Span } from '../../eval/matchSpans.ts'
import type { ScoredFrame } from '../../types.ts'

export interface Moment {
  /** Position in the video, ms. */
  readonly at: number
  /** Smoothed score of the event, [0, 1]. */
  readonly score: number
  readonly jpeg: Uint8Array
}

export interface SpanMoments {
  readonly middle: Moment
  readonly highest: Moment
}

export interface Moments {
  take(scored: ScoredFrame): void
  /** Null when no frame with an image lies in the span. */
  of(span: Span): SpanMoments | null
}

/** @param truths event name → its true spans, in order of start */
export function createMoments(truths: ReadonlyMap<string, readonly Span[]>): Moments {
  const kept = new Map<Span, SpanMoments>()
  /** Event → index of the first span that has not ended. */
  const begun = new Map<string, number>()
  return {
    of: span => kept.get(span) ?? null,
    take({ frame: { capturedAt: at, jpeg }, scores }) {
      if (jpeg === null) return
      for (const [event, spans] of truths) {
        let first = begun.get(event) ?? 0
        while (first < spans.length && (spans[first] as Span).to <= at) first++
        begun.set(event, first)
        const moment = { at, score: scores[event] ?? 0, jpeg }
        for (let i = first; i < spans.length && (spans[i] as Span).from <= at; i++) {
          const span = spans[i] as Span
          if (at < span.to) kept.set(span, better(kept.get(span), moment, (span.from + span.to) / 2))
        }
      }
    },
  }
}

function better(known: SpanMoments | undefined, moment: Moment, middleAt: number): SpanMoments {
  if (known === undefined) return { middle: moment, highest: moment }
  const isNearer = Math.abs(moment.at - middleAt) < Math.abs(known.middle.at - middleAt)
  return {
    middle: isNearer ? moment : known.middle,
    highest: moment.score > known.highest.score ? moment : known.highest,
  }
}
