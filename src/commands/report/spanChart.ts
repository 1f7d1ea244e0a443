/** True and found spans of one video on a time line: for each event the labels above, what was found below. */

import { position } from '../detect/clock.ts'
import { at, escapeHtml, figure } from './charts.ts'

/**
 * Labels: `truth` was found, `miss` was not, `unsure` is uncertain. Found: `hit` has a partner, `partial` touches a true
 * span but is no pair, `alarm` touches none.
 */
export type SpanKind = 'truth' | 'miss' | 'unsure' | 'hit' | 'partial' | 'alarm'

export interface ShownSpan {
  /** ms */
  readonly from: number
  readonly to: number
  readonly kind: SpanKind
}

export interface SpanRow {
  readonly label: string
  readonly labelled: readonly ShownSpan[]
  readonly found: readonly ShownSpan[]
}

const SIZE = { width: 1200, left: 190, right: 12, row: 44, bar: 14, axis: 26 }
const TICKS = 9
/** The shortest that is seen, in units of the drawing. */
const LEAST = 1.5

export function spanChart(title: string, durationMs: number, rows: readonly SpanRow[]): string {
  const { width, left, right, row, bar, axis } = SIZE
  const scale = (width - left - right) / Math.max(1, durationMs)
  const height = rows.length * row + axis
  const mark = ({ from, to, kind }: ShownSpan, y: number) =>
    `<rect class="${kind}" x="${at(left + from * scale)}" y="${y}" width="${at(Math.max(LEAST, (to - from) * scale))}" height="${bar}" rx="2"><title>${NAMES[kind]}: ${position(from)} – ${position(to)}</title></rect>`
  const ticks = Array.from({ length: TICKS }, (_, i) => (durationMs * i) / (TICKS - 1)).map((time, i) => {
    const x = left + time * scale
    const anchor = i === TICKS - 1 ? 'end' : 'middle'
    return (
      `<line class="grid" x1="${at(x)}" x2="${at(x)}" y1="0" y2="${height - axis}"/>` +
      `<text class="value" x="${at(x)}" y="${height - axis / 2}" text-anchor="${anchor}">${position(time)}</text>`
    )
  })
  const lanes = rows.map(({ label, labelled, found }, i) => {
    const top = i * row + (row - 2 * bar - 2) / 2
    return [
      `<text class="label" x="${left - 10}" y="${i * row + row / 2}" text-anchor="end">${escapeHtml(label)}</text>`,
      ...labelled.map(span => mark(span, top)),
      ...found.map(span => mark(span, top + bar + 2)),
    ].join('')
  })
  return figure(title, { width, height }, [...ticks, ...lanes].join('\n')).replace('<figure>', '<figure class="wide">')
}

const NAMES: Readonly<Record<SpanKind, string>> = {
  truth: 'true, found',
  miss: 'true, missed',
  unsure: 'uncertain',
  hit: 'found',
  partial: 'found, but too different from what is true',
  alarm: 'false alarm',
}
