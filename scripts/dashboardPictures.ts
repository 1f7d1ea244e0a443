/**
 * Draws panels of the dashboards to docs/images, from real answers of a Prometheus that scrapes a running Watchword:
 * `npx tsx scripts/dashboardPictures.ts http://127.0.0.1:9090 [minutes]`. Grafana itself is not needed.
 */

import { writeFileSync } from 'node:fs'
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas'
import { DASHBOARDS } from '../grafana/dashboards.ts'
import type { Panel } from '../grafana/panel.ts'

/** A time series: label set, and [seconds since the epoch, value]. */
interface Series {
  readonly name: string
  readonly le: number
  readonly points: readonly (readonly [number, number])[]
}
interface Box {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

const PICTURES: Readonly<Record<string, readonly string[]>> = {
  'dashboard-models': ['models/Latency heatmap', 'models/Latency quantiles', 'models/Throughput'],
  'dashboard-camera': ['camera/Frames received', 'camera/Active', 'camera/Where frames go'],
  'dashboard-delivery': ['delivery/Event latency heatmap', 'delivery/Changes of events', 'overview/Health checks'],
}
const PANEL = { w: 400, h: 260 }
const STEP_SECONDS = 5
const FONT = 'JetBrains Mono'
const COLORS = ['#73bf69', '#f2cc0c', '#5794f2', '#ff9830', '#b877d9', '#f2495c', '#8ab8ff', '#ffa6b0', '#96d98d']
const NAMED: Readonly<Record<string, string>> = {
  green: '#56a64b',
  red: '#e02f44',
  orange: '#ff780a',
  blue: '#3274d9',
  gray: '#565b62',
  transparent: '#2a2e33',
}
const INK = { background: '#111217', panel: '#181b1f', grid: '#2c3235', text: '#ccccdc', faint: '#8e8e99' }

const [address = 'http://127.0.0.1:9090', minutes = '5'] = process.argv.slice(2)
const end = Math.floor(Date.now() / 1000)
const start = end - Number(minutes) * 60
GlobalFonts.registerFromPath(
  'node_modules/@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2',
  FONT,
)

for (const [name, places] of Object.entries(PICTURES)) {
  const canvas = createCanvas(PANEL.w * places.length, PANEL.h)
  const context = canvas.getContext('2d')
  context.fillStyle = INK.background
  context.fillRect(0, 0, canvas.width, canvas.height)
  for (const [column, place] of places.entries()) await drawPanel(context, panelAt(place), column * PANEL.w)
  writeFileSync(`docs/images/${name}.png`, await canvas.encode('png'))
}

function panelAt(place: string): Panel {
  const [dashboard, title] = place.split('/')
  const { rows = [] } = DASHBOARDS.find(({ name }) => name === dashboard) ?? {}
  const panel = rows.flatMap(({ panels }) => panels).find(each => each.title === title)
  if (panel === undefined) throw new Error(`No panel ${place}`)
  return panel
}

async function query({ queries }: Panel): Promise<Series[]> {
  const answers = await Promise.all(
    queries.map(async ({ expr, legend }) => {
      const text = expr.replaceAll('$__rate_interval', '30s').replaceAll(/\$\w+/g, '.*')
      const url = `${address}/api/v1/query_range?query=${encodeURIComponent(text)}&start=${start}&end=${end}&step=${STEP_SECONDS}`
      const body = (await (await fetch(url)).json()) as {
        data: { result: { metric: Record<string, string>; values: [number, string][] }[] }
      }
      return body.data.result.map(({ metric, values }) => ({
        // One instance here: its address says nothing.
        name: legend.replaceAll(/\{\{(\w+)\}\} ?/g, (_, label: string) =>
          label === 'instance' ? '' : `${metric[label] ?? ''} `,
        ),
        le: Number(metric.le === '+Inf' ? Number.POSITIVE_INFINITY : (metric.le ?? 0)),
        points: values.map(([at, value]) => [at, Number(value)] as const).filter(([, value]) => Number.isFinite(value)),
      }))
    }),
  )
  return answers.flat()
}

async function drawPanel(context: SKRSContext2D, panel: Panel, left: number): Promise<void> {
  // What was 0 all the time is left out of a stack.
  const series = (await query(panel)).filter(({ points }) => !panel.stacked || points.some(([, value]) => value > 0))
  context.fillStyle = INK.panel
  context.fillRect(left + 4, 4, PANEL.w - 8, PANEL.h - 8)
  write(context, panel.title, left + 16, 26, INK.text, 14)
  const legend = panel.type === 'timeseries' ? Math.ceil(Math.min(series.length, 6) / 2) * 15 : 0
  const box = { x: left + 60, y: 42, w: PANEL.w - 80, h: PANEL.h - 42 - 34 - legend }
  if (panel.type === 'heatmap') drawHeatmap(context, panel, series, box)
  else if (panel.type === 'state-timeline')
    drawTimeline(context, panel, series, { ...box, x: left + 150, w: PANEL.w - 170 })
  else drawLines(context, panel, series, box)
}

function x(at: number, box: Box): number {
  return box.x + ((at - start) / (end - start)) * box.w
}

function drawLines(context: SKRSContext2D, panel: Panel, series: readonly Series[], box: Box): void {
  const total = new Map<number, number>()
  const stacked = series.map(({ points }) =>
    points.map(([at, value]) => {
      const base = panel.stacked === true ? (total.get(at) ?? 0) : 0
      total.set(at, base + value)
      return [at, base + value] as const
    }),
  )
  const top = Math.max(...stacked.flatMap(points => points.map(([, value]) => value)), 1e-9) * 1.1
  const y = (value: number) => box.y + box.h * (1 - value / top)
  drawAxes(
    context,
    box,
    [0, top / 2, top].map(value => [shown(value, panel.unit), y(value)]),
  )
  for (const [place, points] of stacked.entries()) {
    const color = COLORS[place % COLORS.length] ?? INK.text
    context.strokeStyle = color
    context.lineWidth = 1.5
    context.beginPath()
    for (const [at, value] of points) context.lineTo(x(at, box), y(value))
    context.stroke()
    if (panel.stacked === true) fillDown(context, points, stacked[place - 1] ?? [], at => x(at, box), y, color)
    if (place >= 6) continue
    const [column, line] = [place % 2, Math.floor(place / 2)]
    const [left, below] = [box.x - 40 + column * 170, box.y + box.h + 34 + line * 15]
    context.fillStyle = color
    context.fillRect(left, below - 8, 10, 3)
    write(context, (series[place]?.name ?? '').trim().slice(0, 21), left + 16, below, INK.faint, 10)
  }
}

/** Fills what a stacked line adds to the one below it. */
function fillDown(
  context: SKRSContext2D,
  points: Series['points'],
  below: Series['points'],
  toX: (at: number) => number,
  toY: (value: number) => number,
  color: string,
): void {
  context.beginPath()
  for (const [at, value] of points) context.lineTo(toX(at), toY(value))
  for (const [at] of [...points].reverse()) context.lineTo(toX(at), toY(below.find(([each]) => each === at)?.[1] ?? 0))
  context.globalAlpha = 0.3
  context.fillStyle = color
  context.fill()
  context.globalAlpha = 1
}

/** Buckets of a histogram are cumulative: a cell is the difference to the one below. */
function drawHeatmap(context: SKRSContext2D, panel: Panel, series: readonly Series[], box: Box): void {
  const buckets = [...series].sort((a, b) => a.le - b.le)
  const cells = buckets.map(({ points }, row) => {
    const below = new Map(buckets[row - 1]?.points ?? [])
    return points.map(([at, value]) => [at, Math.max(0, value - (below.get(at) ?? 0))] as const)
  })
  const most = Math.max(...cells.flatMap(row => row.map(([, value]) => value)), 1e-9)
  const height = box.h / cells.length
  const ticks = buckets.map(({ le }, row) => [shown(le, panel.unit), box.y + box.h - (row + 1) * height] as const)
  drawAxes(
    context,
    box,
    ticks.filter((_, row) => row % 3 === 0),
  )
  for (const [row, line] of cells.entries())
    for (const [at, value] of line) {
      if (value === 0) continue
      context.fillStyle = `rgba(255, 152, 48, ${0.15 + 0.85 * (value / most)})`
      const width = (box.w * STEP_SECONDS) / (end - start)
      context.fillRect(x(at, box), box.y + box.h - (row + 1) * height, width + 0.3, height - 1)
    }
}

function drawTimeline(context: SKRSContext2D, { colors = [] }: Panel, series: readonly Series[], box: Box): void {
  const height = Math.min(24, box.h / Math.max(1, series.length))
  drawAxes(context, box, [])
  for (const [row, { name, points }] of series.entries()) {
    write(
      context,
      name
        .trim()
        .replace(/\/\S*\//, '')
        .slice(0, 22),
      box.x - 138,
      box.y + (row + 0.7) * height,
      INK.faint,
      9,
    )
    for (const [at, value] of points) {
      context.fillStyle = NAMED[colors[value] ?? ''] ?? INK.faint
      context.fillRect(x(at, box), box.y + row * height, (box.w * STEP_SECONDS) / (end - start) + 0.3, height - 3)
    }
  }
}

function drawAxes(context: SKRSContext2D, box: Box, ticks: readonly (readonly [string, number])[]): void {
  for (const [label, y] of ticks) {
    context.fillStyle = INK.grid
    context.fillRect(box.x, y, box.w, 1)
    write(context, label, box.x - 48, y + 4, INK.faint, 10)
  }
  for (const share of [0, 0.5, 1]) {
    const at = new Date((start + share * (end - start)) * 1000).toISOString().slice(11, 16)
    write(context, at, box.x + share * (box.w - 30), box.y + box.h + 16, INK.faint, 10)
  }
}

function write(
  context: SKRSContext2D,
  text: string,
  left: number,
  baseline: number,
  color: string,
  size: number,
): void {
  context.font = `${size}px ${FONT}`
  context.fillStyle = color
  context.fillText(text, left, baseline)
}

function shown(value: number, unit: string): string {
  if (!Number.isFinite(value)) return '+Inf'
  if (unit === 's')
    return value < 1 ? `${Number((value * 1000).toPrecision(3))} ms` : `${Number(value.toPrecision(3))} s`
  if (unit === 'percentunit') return `${Math.round(value * 100)} %`
  return String(Number(value.toPrecision(2)))
}
