/** Charts as inline SVG, without scripts, fonts or network access. Colours come from the page's light or dark theme. */

export interface Bar {
  readonly label: string
  /** At least 0. */
  readonly value: number
  /** Written at the bar's end. */
  readonly text: string
  /** Quartiles, drawn as a thin line over the bar. */
  readonly spread?: readonly [number, number]
}

/** Narrow, so that the text is legible on a phone. */
const BAR = { width: 480, label: 110, value: 110, row: 30, thickness: 16 }

/** Horizontal bars from 0, one per row, in the given order. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const { width, label, value, row, thickness } = BAR
  const most = Math.max(...bars.map(bar => Math.max(bar.value, bar.spread?.[1] ?? 0)), Number.MIN_VALUE)
  const scale = (width - label - value) / most
  const rows = bars.map((bar, i) => {
    const middle = i * row + row / 2
    const length = Math.max(1, bar.value * scale)
    return [
      `<text class="label" x="${label - 10}" y="${middle}" text-anchor="end">${escapeHtml(bar.label)}</text>`,
      `<rect class="${i === 0 ? 'bar first' : 'bar'}" x="${label}" y="${middle - thickness / 2}" width="${at(length)}" height="${thickness}" rx="2"/>`,
      bar.spread === undefined ? '' : whisker(label, middle, [bar.spread[0] * scale, bar.spread[1] * scale]),
      `<text class="value" x="${at(label + Math.max(length, (bar.spread?.[1] ?? 0) * scale) + 8)}" y="${middle}">${escapeHtml(bar.text)}</text>`,
    ].join('')
  })
  return figure(title, { width, height: bars.length * row }, rows.join('\n'))
}

export interface Point {
  readonly label: string
  readonly x: number
  readonly y: number
}

export interface Axis {
  readonly title: string
  readonly from: number
  readonly to: number
  readonly format: (value: number) => string
}

export const PLOT = { width: 480, height: 300, left: 88, right: 24, top: 16, bottom: 46 }
const TICKS = 5

export interface Axes {
  readonly x: Axis
  readonly y: Axis
}

export interface Plot {
  /** Value → coordinate. */
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  /** Grid, numbers and titles as SVG. */
  readonly content: string
}

/** The area of a chart with two axes, of the size PLOT. */
export function plotArea(axes: Axes): Plot {
  const { width, height, left, right, top, bottom } = PLOT
  const x = (value: number) => left + ((value - axes.x.from) / (axes.x.to - axes.x.from)) * (width - left - right)
  const y = (value: number) =>
    height - bottom - ((value - axes.y.from) / (axes.y.to - axes.y.from)) * (height - top - bottom)
  const ticks = Array.from({ length: TICKS }, (_, i) => i / (TICKS - 1))
  const lines = ticks.map(fraction => {
    const [vx, vy] = [axes.x, axes.y].map(axis => axis.from + fraction * (axis.to - axis.from)) as [number, number]
    return [
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${at(y(vy))}" y2="${at(y(vy))}"/>`,
      `<text class="value" x="${left - 8}" y="${at(y(vy))}" text-anchor="end">${escapeHtml(axes.y.format(vy))}</text>`,
      `<text class="value" x="${at(x(vx))}" y="${height - bottom + 18}" text-anchor="middle">${escapeHtml(axes.x.format(vx))}</text>`,
    ].join('')
  })
  const titles = [
    `<text class="axis" x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(axes.x.title)}</text>`,
    `<text class="axis" x="12" y="${(top + height - bottom) / 2}" text-anchor="middle" transform="rotate(-90 12 ${(top + height - bottom) / 2})">${escapeHtml(axes.y.title)}</text>`,
  ]
  return { x, y, content: [...lines, ...titles].join('\n') }
}

/** A scatter plot. Labels are placed inside the plot and do not overlap. */
export function pointChart(title: string, points: readonly Point[], axes: Axes): string {
  const { x, y, content } = plotArea(axes)
  const placed = placeLabels(
    points.map(point => ({ x: x(point.x), y: y(point.y), label: point.label })),
    PLOT.width,
  )
  const dots = placed.map(
    ({ x: px, y: py, label, labelY, isRight }, i) =>
      `<circle class="${i === 0 ? 'dot first' : 'dot'}" cx="${at(px)}" cy="${at(py)}" r="6"/>` +
      `<text class="label" x="${at(px + (isRight ? -11 : 11))}" y="${at(labelY)}" text-anchor="${isRight ? 'end' : 'start'}">${escapeHtml(label)}</text>`,
  )
  return figure(title, PLOT, [content, ...dots].join('\n'))
}

interface Placed extends Point {
  readonly labelY: number
  /** The label is left of its point, which is near the right edge. */
  readonly isRight: boolean
}

/** Vertical offsets for a label, nearest first. */
const ROWS = [0, 15, -15, 30, -30, 45, 60]

/** Puts each label left or right of its point, where it covers no dot and no other label (15 pixels high, 7 per letter). */
function placeLabels(points: readonly Point[], width: number): Placed[] {
  const placed: Placed[] = []
  for (const point of points) {
    const isFar = point.x > width * 0.7
    const places = ROWS.flatMap(row =>
      [isFar, !isFar].map((isRight): Placed => ({ ...point, labelY: point.y + row, isRight })),
    )
    const isFree = (place: Placed) => {
      const [from, to] = extent(place)
      if (from < PLOT.left || to > width || place.labelY < 8) return false
      const covers = (y: number, [left, right]: readonly [number, number], height: number) =>
        Math.abs(y - place.labelY) < height && from < right && left < to
      return !(
        placed.some(other => covers(other.labelY, extent(other), 15)) ||
        points.some(dot => covers(dot.y, [dot.x - 6, dot.x + 6], 12))
      )
    }
    placed.push(places.find(isFree) ?? (places[0] as Placed))
  }
  return placed
}

/** Horizontal extent of the label's text. */
function extent({ x, label, isRight }: Placed): readonly [number, number] {
  const length = label.length * 7
  return isRight ? [x - 11 - length, x - 11] : [x + 11, x + 11 + length]
}

/** A curve of scores in [0, 1]. */
export function sparkline(scores: readonly number[]): string {
  const [width, height] = [320, 36]
  const points = scores.map((score, i) => {
    const x = scores.length < 2 ? 0 : (i / (scores.length - 1)) * width
    return `${at(x)},${at(height - 2 - score * (height - 4))}`
  })
  return `<svg class="spark" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true"><polyline points="${points.join(' ')}"/></svg>`
}

/** Escapes text for HTML, attributes included. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}

function whisker(left: number, middle: number, [from, to]: readonly [number, number]): string {
  return `<line class="spread" x1="${at(left + from)}" x2="${at(left + to)}" y1="${middle}" y2="${middle}"/>`
}

/** @param content the inside of an SVG of this size */
export function figure(
  title: string,
  { width, height }: { readonly width: number; readonly height: number },
  content: string,
): string {
  const svg = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">\n${content}\n</svg>`
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>${svg}</figure>`
}

/** A coordinate with one decimal. */
export function at(value: number): string {
  return String(Math.round(value * 10) / 10)
}
