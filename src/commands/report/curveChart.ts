/** Precision over recall, as lines: one for each variant, a point for each threshold. */

import { at, escapeHtml, figure, PLOT, plotArea } from './charts.ts'

export interface Curve {
  readonly label: string
  /** In order of threshold. */
  readonly points: readonly CurveDot[]
  /** Where the event starts now; null: no such point. */
  readonly now: CurveDot | null
}

export interface CurveDot {
  readonly threshold: number
  /** [0, 1] */
  readonly recall: number
  readonly precision: number
}

/** Styles of lines on the page; further curves take turns. */
const STYLES = 4

export function curveChart(title: string, curves: readonly Curve[]): string {
  const format = (value: number) => value.toFixed(2)
  const { x, y, content } = plotArea({
    x: { title: 'recall', from: 0, to: 1, format },
    y: { title: 'precision', from: 0, to: 1, format },
  })
  const dot = ({ threshold, recall, precision }: CurveDot, kind: string, radius: number) =>
    `<circle class="${kind}" cx="${at(x(recall))}" cy="${at(y(precision))}" r="${radius}"><title>threshold ${threshold.toFixed(2)}: precision ${format(precision)}, recall ${format(recall)}</title></circle>`
  const lines = curves.map(({ label, points, now }, i) => {
    const style = i % STYLES
    const line = points.map(({ recall, precision }) => `${at(x(recall))},${at(y(precision))}`).join(' ')
    const keyY = PLOT.height - PLOT.bottom - 14 - 18 * (curves.length - 1 - i)
    return [
      `<polyline class="curve curve${style}" points="${line}"/>`,
      ...points.map(point => dot(point, 'point', 3)),
      now === null ? '' : dot(now, 'point now', 5),
      `<line class="key${style}" stroke-width="2" x1="${PLOT.left + 10}" x2="${PLOT.left + 34}" y1="${keyY}" y2="${keyY}"/>`,
      `<text class="value" x="${PLOT.left + 40}" y="${keyY}">${escapeHtml(label)}</text>`,
    ].join('')
  })
  return figure(title, PLOT, [content, ...lines].join('\n'))
}
