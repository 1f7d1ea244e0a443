/** Compares detected events with the ground truth, event by event. */

import { quantile } from '../../src/util/vector.ts'

export interface Span {
  /** ms */
  readonly from: number
  readonly to: number
}

export interface FoundEvent extends Span {
  /** When it was published, ms. */
  readonly publishedAt: number
}

export interface Accuracy {
  readonly truths: number
  readonly found: number
  /** Pairs of a found and a true span whose temporal intersection over union is at least the limit. */
  readonly matched: number
  /** [0, 1]; 1 when nothing was found. */
  readonly precision: number
  /** [0, 1]; 1 when there was nothing to find. */
  readonly recall: number
  readonly f1: number
  /** Median of publication − true start over the pairs, ms: the delay of a notification. NaN without pairs. */
  readonly onsetMs: number
  /** Median of found start − true start over the pairs, ms; negative when too early. NaN without pairs. */
  readonly startMs: number
  /** Found spans that touch no true span at all. */
  readonly falseAlarms: number
}

/**
 * One-to-one matching, best overlap first (as ActivityNet's temporal IoU; ties by time).
 * @param limit least intersection over union of a pair, (0, 1]
 */
export function evaluateSpans(truths: readonly Span[], found: readonly FoundEvent[], limit = 0.5): Accuracy {
  const pairs = truths
    .flatMap((truth, t) =>
      found.map((span, f) => ({
        t,
        f,
        overlap: overlap(truth, span),
        delay: { onset: span.publishedAt - truth.from, start: span.from - truth.from },
      })),
    )
    .filter(pair => pair.overlap >= limit)
    .sort((a, b) => b.overlap - a.overlap || a.t - b.t)
  const [usedTruths, usedFound, delays] = [new Set<number>(), new Set<number>(), [] as Delay[]]
  for (const { t, f, delay } of pairs) {
    if (usedTruths.has(t) || usedFound.has(f)) continue
    usedTruths.add(t)
    usedFound.add(f)
    delays.push(delay)
  }
  const falseAlarms = found.filter(span => truths.every(truth => overlap(truth, span) === 0)).length
  return accuracyOf({ truths: truths.length, found: found.length, delays, falseAlarms })
}

/** Several recordings as one: counts are added, delays pooled. */
export function evaluateRecordings(
  recordings: readonly { readonly truths: readonly Span[]; readonly found: readonly FoundEvent[] }[],
  limit = 0.5,
): Accuracy {
  // Recordings are laid end to end, far enough apart that no span of one touches another's.
  const apart = 1e9
  const later = ({ from, to }: Span, index: number) => ({ from: from + index * apart, to: to + index * apart })
  return evaluateSpans(
    recordings.flatMap(({ truths }, index) => truths.map(span => later(span, index))),
    recordings.flatMap(({ found }, index) =>
      found.map(span => ({ ...later(span, index), publishedAt: span.publishedAt + index * apart })),
    ),
    limit,
  )
}

/** ms after the true start. */
interface Delay {
  readonly onset: number
  readonly start: number
}

function accuracyOf(counts: {
  truths: number
  found: number
  delays: readonly Delay[]
  falseAlarms: number
}): Accuracy {
  const { truths, found, delays, falseAlarms } = counts
  const matched = delays.length
  const precision = found === 0 ? 1 : matched / found
  const recall = truths === 0 ? 1 : matched / truths
  const f1 = truths + found === 0 ? 1 : (2 * matched) / (truths + found)
  const median = (of: (delay: Delay) => number) => quantile(delays.map(of), 0.5)
  const [onsetMs, startMs] = [median(({ onset }) => onset), median(({ start }) => start)]
  return { truths, found, matched, precision, recall, f1, onsetMs, startMs, falseAlarms }
}

function overlap(a: Span, b: Span): number {
  const shared = Math.min(a.to, b.to) - Math.max(a.from, b.from)
  return shared <= 0 ? 0 : shared / (Math.max(a.to, b.to) - Math.min(a.from, b.from))
}
