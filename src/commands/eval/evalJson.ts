/** The result of an evaluation as JSON: times in seconds, fractions in [0, 1], null for what is not defined. */

import type { Accuracy } from '../../eval/evaluateSpans.ts'
import type { Span } from '../../eval/matchSpans.ts'
import type { EventResult, VideoResult } from './evaluateVideo.ts'
import type { EvaluatedVideo, Evaluation } from './evaluation.ts'
import type { VariantSummary } from './summarize.ts'

export function evalJson({ model, overlap, videos, variants, notes }: Evaluation): string {
  const json = { model, overlap, variants: variants.map(variantJson), videos: videos.map(videoJson), notes }
  return `${JSON.stringify(json, null, 2)}\n`
}

function variantJson({ variant, meanF1, hours, total, events }: VariantSummary) {
  return {
    variant,
    mean_f1: round(meanF1),
    hours: round(hours),
    total: accuracyJson(total, hours),
    events: events.map(({ event, accuracy, threshold, averagePrecision, curve }) => ({
      event,
      threshold,
      ...accuracyJson(accuracy, hours),
      average_precision: round(averagePrecision),
      curve: curve.map(({ threshold, accuracy: { precision, recall, f1, falseAlarms } }) => {
        return {
          threshold,
          precision: round(precision),
          recall: round(recall),
          f1: round(f1),
          false_alarms: falseAlarms,
        }
      }),
    })),
  }
}

function accuracyJson(accuracy: Accuracy, hours: number) {
  const { truths, found, matched, precision, recall, f1, onsetMs, onsetP90Ms, startMs, falseAlarms } = accuracy
  return {
    true: truths,
    found,
    matched,
    precision: round(precision),
    recall: round(recall),
    f1: round(f1),
    onset_median: seconds(onsetMs),
    onset_p90: seconds(onsetP90Ms),
    start_median: seconds(startMs),
    false_alarms: falseAlarms,
    false_alarms_per_hour: hours > 0 ? round(falseAlarms / hours) : null,
  }
}

function videoJson({ footage, results }: EvaluatedVideo) {
  return { video: footage.path, labels: footage.file, variants: results.map(resultJson) }
}

function resultJson({ variant, durationMs, frames, events }: VideoResult) {
  return { variant, duration: seconds(durationMs), frames, events: events.map(eventJson) }
}

function eventJson({ event, matches: { pairs, missed, wrong, falseAlarms, ignored } }: EventResult) {
  const isFalseAlarm = new Set<Span>(falseAlarms)
  return {
    event,
    matched: pairs.map(({ truth, found }) => ({ true: spanJson(truth), found: spanJson(found) })),
    missed: missed.map(spanJson),
    wrong: wrong.map(span => ({ ...spanJson(span), false_alarm: isFalseAlarm.has(span) })),
    ignored: ignored.map(spanJson),
  }
}

function spanJson({ from, to }: Span) {
  return { from: seconds(from), to: seconds(to) }
}

function seconds(ms: number): number | null {
  return Number.isNaN(ms) ? null : Math.round(ms) / 1000
}

function round(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6
}
