/** The result of an evaluation as plain text: a table of events, and a line for each variant. */

import { pluralize } from '../../util/pluralize.ts'
import { title } from '../detect/formats.ts'
import { fixed } from '../report/numbers.ts'
import { type Column, table } from '../report/table.ts'
import type { Evaluation } from './evaluation.ts'
import type { VariantSummary } from './summarize.ts'

/** A row of the table: an event of a variant, or all of them. */
export interface EvalRow {
  readonly variant: string
  readonly event: string
  readonly accuracy: VariantSummary['total']
  readonly averagePrecision: number | null
  readonly hours: number
}

/** The name of the row for all events. */
export const ALL = 'all'

export function evalRows(variants: readonly VariantSummary[]): EvalRow[] {
  return variants.flatMap(({ variant, hours, events, total }) => [
    ...events.map(({ event, accuracy, averagePrecision }) => {
      return { variant, event: title({ event }), accuracy, averagePrecision, hours }
    }),
    ...(events.length > 1 ? [{ variant, event: ALL, accuracy: total, averagePrecision: null, hours }] : []),
  ])
}

export const EVAL_COLUMNS: readonly Column<EvalRow>[] = [
  { title: 'variant', align: 'left', cell: ({ variant }) => variant },
  { title: 'event', align: 'left', cell: ({ event }) => event },
  { title: 'true', cell: ({ accuracy }) => String(accuracy.truths) },
  { title: 'found', cell: ({ accuracy }) => String(accuracy.found) },
  { title: 'precision', cell: ({ accuracy }) => accuracy.precision.toFixed(3) },
  { title: 'recall', cell: ({ accuracy }) => accuracy.recall.toFixed(3) },
  { title: 'F1', cell: ({ accuracy }) => accuracy.f1.toFixed(3) },
  { title: 'AP', cell: ({ averagePrecision }) => fixed(averagePrecision, 3) },
  { title: 'onset, median', cell: ({ accuracy }) => seconds(accuracy.onsetMs) },
  { title: 'onset, p90', cell: ({ accuracy }) => seconds(accuracy.onsetP90Ms) },
  {
    title: 'false alarms an hour',
    cell: ({ accuracy, hours }) => fixed(hours > 0 ? accuracy.falseAlarms / hours : null, 1),
  },
]

export function evalText({ videos, variants, notes }: Evaluation): string {
  const lines = variants.map(({ variant, meanF1, meanOf, total, hours }) => {
    const alarms = pluralize(total.falseAlarms, 'false alarm')
    return `${variant}: mean F1 ${meanF1.toFixed(3)} of ${pluralize(meanOf, 'event')}, ${alarms} in ${hours.toFixed(2)} hours of ${pluralize(videos.length, 'video')}`
  })
  return [...notes, table(EVAL_COLUMNS, evalRows(variants)), ...lines, ''].join('\n')
}

function seconds(ms: number): string {
  return Number.isNaN(ms) ? '—' : `${(ms / 1000).toFixed(2)} s`
}
