/** The report of `eval`: the table, precision–recall curves, time lines, and images of what was missed or found wrongly. */

import type { Span } from '../../eval/matchSpans.ts'
import { pluralize } from '../../util/pluralize.ts'
import { percent, title } from '../detect/formats.ts'
import { ALL, EVAL_COLUMNS, evalRows } from '../eval/evalText.ts'
import type { EventResult } from '../eval/evaluateVideo.ts'
import type { EvaluatedVideo, Evaluation } from '../eval/evaluation.ts'
import { type Curve, curveChart } from './curveChart.ts'
import { mistakes } from './mistakes.ts'
import { fixed } from './numbers.ts'
import { htmlTable, notes, page, section } from './page.ts'
import { type ShownSpan, type SpanKind, type SpanRow, spanChart } from './spanChart.ts'

/** More time lines would make the page too long. */
const MOST_TIMELINES = 100

export function evalPage(evaluation: Evaluation): string {
  const { model, videos, variants, overlap } = evaluation
  const hours = variants[0]?.hours ?? 0
  return page({
    title: `${model} against the labels`,
    subtitle: `${pluralize(videos.length, 'video')}, ${hours.toFixed(2)} hours · a find shares at least ${percent(overlap)} of its union with a true span`,
    sections: [tableSection(evaluation), ...curveSection(evaluation), timelines(videos), ...mistakes(videos)],
  })
}

function tableSection({ variants, notes: sentences }: Evaluation): string {
  const means = variants.map(({ variant, meanF1, meanOf }) => {
    return `${variant}: mean F1 ${meanF1.toFixed(3)} of ${pluralize(meanOf, 'event')}`
  })
  const meaning = [
    'Onset: from the true start until the event was published. A false alarm touches no true span. AP: area under the precision–recall curve.',
    `Row “${ALL}”: every span counts once. Mean F1: every event that was there or was found counts once.`,
  ]
  return section(
    'Events against the labels',
    htmlTable(EVAL_COLUMNS, evalRows(variants)),
    notes([...means, ...meaning, ...sentences]),
  )
}

function curveSection(evaluation: Evaluation): string[] {
  const charts = curves(evaluation)
  if (charts.length === 0) return []
  return [section('Precision and recall at other thresholds', `<div class="charts">${charts.join('\n')}</div>`)]
}

function curves({ variants }: Evaluation): string[] {
  const names = variants[0]?.events.map(({ event }) => event) ?? []
  return names.flatMap(name => {
    const own = variants.flatMap(({ variant, events }): Curve[] =>
      events
        .filter(({ event, averagePrecision }) => event === name && averagePrecision !== null)
        .map(({ curve, threshold, accuracy, averagePrecision }) => ({
          label: `${variant}: AP ${fixed(averagePrecision, 3)}`,
          points: curve.map(point => ({ threshold: point.threshold, ...point.accuracy })),
          now: threshold === null ? null : { threshold, ...accuracy },
        })),
    )
    return own.length === 0
      ? []
      : curveChart(`${title({ event: name })}: thresholds 0.05 to 0.95; dark: as it is set`, own)
  })
}

function timelines(videos: readonly EvaluatedVideo[]): string {
  const all = videos.flatMap(({ footage, results }) => results.map(result => ({ footage, result })))
  const shown = all.slice(0, MOST_TIMELINES)
  const charts = shown.map(({ footage, result }) =>
    spanChart(`${footage.path}, ${result.variant}`, result.durationMs, result.events.map(spanRow)),
  )
  const meaning =
    'Upper bars are labels: grey was found, a red outline was missed, pale is uncertain. Lower bars were found: blue has a partner, light blue touches a true span but differs too much, red touches none.'
  const left = all.length > shown.length ? [`The first ${shown.length} of ${all.length} are shown.`] : []
  return section('True and found', charts.join('\n'), notes([meaning, ...left]))
}

function spanRow({ event, matches, uncertain }: EventResult): SpanRow {
  const { pairs, missed, wrong, falseAlarms, ignored } = matches
  const isAlarm = new Set<Span>(falseAlarms)
  const shown = ({ from, to }: Span, kind: SpanKind): ShownSpan => ({ from, to, kind })
  return {
    label: title({ event }),
    labelled: [
      ...uncertain.map(span => shown(span, 'unsure')),
      ...pairs.map(({ truth }) => shown(truth, 'truth')),
      ...missed.map(span => shown(span, 'miss')),
    ],
    found: [
      ...pairs.map(({ found }) => shown(found, 'hit')),
      ...wrong.map(span => shown(span, isAlarm.has(span) ? 'alarm' : 'partial')),
      ...ignored.map(span => shown(span, 'unsure')),
    ],
  }
}
