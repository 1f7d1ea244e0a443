/** Counts how well found events agree with the true ones: the numbers of `eval` and of the accuracy benchmarks. */

import { quantile } from '../util/vector.ts'
import { HALF, type Matches, matchSpans, type Recording, type Span } from './matchSpans.ts'

export interface FoundEvent extends Span {
  /** When it was published, ms. */
  readonly publishedAt: number
}

export interface Accuracy {
  readonly truths: number
  /** Without those that are ignored. */
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
  /** Their 90th percentile. */
  readonly onsetP90Ms: number
  /** Median of found start − true start over the pairs, ms; negative when too early. NaN without pairs. */
  readonly startMs: number
  /** Found spans that touch no true span at all. */
  readonly falseAlarms: number
}

export function evaluateSpans(truths: readonly Span[], found: readonly FoundEvent[], overlap = HALF): Accuracy {
  return evaluateRecordings([{ truths, found }], overlap)
}

/** Several recordings as one: counts are added, delays pooled. */
export function evaluateRecordings(recordings: readonly Recording<Span, FoundEvent>[], overlap = HALF): Accuracy {
  return accuracyOf(recordings.map(recording => matchSpans(recording, overlap)))
}

export function accuracyOf(matches: readonly Matches<Span, FoundEvent>[]): Accuracy {
  const pairs = matches.flatMap(each => each.pairs)
  const matched = pairs.length
  const truths = matched + matches.reduce((sum, { missed }) => sum + missed.length, 0)
  const found = matched + matches.reduce((sum, { wrong }) => sum + wrong.length, 0)
  const onsets = pairs.map(pair => pair.found.publishedAt - pair.truth.from)
  const starts = pairs.map(pair => pair.found.from - pair.truth.from)
  return {
    truths,
    found,
    matched,
    precision: found === 0 ? 1 : matched / found,
    recall: truths === 0 ? 1 : matched / truths,
    f1: truths + found === 0 ? 1 : (2 * matched) / (truths + found),
    onsetMs: quantile(onsets, 0.5),
    onsetP90Ms: quantile(onsets, 0.9),
    startMs: quantile(starts, 0.5),
    falseAlarms: matches.reduce((sum, { falseAlarms }) => sum + falseAlarms.length, 0),
  }
}
