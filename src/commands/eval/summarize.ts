/** The numbers of an evaluation: for each variant, its events and all of them together, over all videos. */

import { averagePrecision, type CurvePoint } from '../../eval/averagePrecision.ts'
import { type Accuracy, accuracyOf } from '../../eval/evaluateSpans.ts'
import { type EventResult, THRESHOLDS, type VideoResult } from './evaluateVideo.ts'

export interface EventSummary {
  readonly event: string
  readonly accuracy: Accuracy
  /** Where it starts now, [0, 1]; null: not known. */
  readonly threshold: number | null
  /** What other thresholds would have given; none where the scores are not known. */
  readonly curve: readonly CurvePoint[]
  /** [0, 1]; null when there was nothing to find, and without a curve. */
  readonly averagePrecision: number | null
}

export interface VariantSummary {
  readonly variant: string
  readonly events: readonly EventSummary[]
  /** All events together: every event counts as often as it is there. */
  readonly total: Accuracy
  /** Mean over the events that were there or were found: every event counts once. 1 without any. */
  readonly meanF1: number
  /** Number of these events. */
  readonly meanOf: number
  readonly hours: number
}

/** @param results one video each, all of the same variant and events */
export function summarize(variant: string, results: readonly VideoResult[]): VariantSummary {
  const names = results[0]?.events.map(({ event }) => event) ?? []
  const events = names.map(name => {
    const own = results.flatMap(result => result.events.filter(({ event }) => event === name))
    return eventSummary(name, own, results[0]?.thresholds[name] ?? null)
  })
  const counted = events.filter(({ accuracy }) => accuracy.truths + accuracy.found > 0)
  return {
    variant,
    events,
    total: accuracyOf(results.flatMap(result => result.events.map(({ matches }) => matches))),
    meanF1: counted.length === 0 ? 1 : counted.reduce((sum, { accuracy }) => sum + accuracy.f1, 0) / counted.length,
    meanOf: counted.length,
    hours: results.reduce((sum, { durationMs }) => sum + durationMs, 0) / 3_600_000,
  }
}

function eventSummary(event: string, results: readonly EventResult[], threshold: number | null): EventSummary {
  const accuracy = accuracyOf(results.map(({ matches }) => matches))
  const isKnown = results.every(({ runs }) => runs.length > 0)
  const curve = (isKnown ? THRESHOLDS : []).map((at, i): CurvePoint => {
    return { threshold: at, accuracy: accuracyOf(results.flatMap(({ runs }) => runs[i] ?? [])) }
  })
  return {
    event,
    accuracy,
    threshold,
    curve,
    averagePrecision: accuracy.truths === 0 || !isKnown ? null : averagePrecision(curve),
  }
}
