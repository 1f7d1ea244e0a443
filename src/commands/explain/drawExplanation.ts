/** Draws an explanation as one PNG: score with its thresholds, margins, the phrases as bars, and the image of the peak. */

import { createCanvas, loadImage, type SKRSContext2D } from '@napi-rs/canvas'
import type { TraceRow } from '../../history/eventTrace.ts'
import type { WeighedPhrase } from '../../scoring/explainEvent.ts'
import { type Box, COLOURS, eventColour, registerFont, SHEET, write } from '../detect/sheetStyle.ts'
import { localTime } from '../past/localTime.ts'
import type { Explanation } from './explanation.ts'

const HEADER = 76
const CHART = 200
const GAP = 46
const BAR = 26
const PHRASES = 8
const IMAGE = { width: 300, height: 300 }

/** @param jpeg of the view that decided; null: none is stored @returns PNG bytes */
export async function drawExplanation(explanation: Explanation, jpeg: Uint8Array | null): Promise<Buffer> {
  registerFont()
  const { width, margin, scale } = SHEET
  const { event, camera, id, rows, rule, moment } = explanation
  const phrases = moment?.phrases ?? { for: [], against: [] }
  const bars = Math.min(PHRASES, phrases.for.length) + Math.min(PHRASES, phrases.against.length)
  const height = HEADER + 2 * (CHART + GAP) + Math.max(IMAGE.height, (bars + 3) * BAR) + margin
  const canvas = createCanvas(width * scale, Math.ceil(height * scale))
  const context = canvas.getContext('2d')
  context.scale(scale, scale)
  context.fillStyle = COLOURS.paper
  context.fillRect(0, 0, width, height)
  const title = `${event.replaceAll('_', ' ')} on ${camera}`
  write(context, title, { x: margin, y: 42, size: 22, colour: COLOURS.ink, width: width * 0.5 })
  const right = { x: width - margin, y: 42, size: 13, colour: COLOURS.faint, align: 'right' } as const
  write(context, id ?? localTime(moment?.row.at ?? 0), right)

  const box = { x: margin, y: HEADER, width: width - 2 * margin, height: CHART }
  const at = moment?.row.at ?? null
  drawChart(context, box, rows, {
    title: 'score, smoothed (line) and raw (thin)',
    curves: [
      { of: row => row.score, colour: eventColour(0), line: 2 },
      { of: row => row.raw, colour: COLOURS.faint, line: 0.75 },
    ],
    levels: [
      { value: rule.threshold, label: `starts at ${rule.threshold}` },
      { value: rule.releaseThreshold, label: `ends below ${rule.releaseThreshold}` },
    ],
    range: [0, 1],
    at,
  })
  drawChart(context, { ...box, y: HEADER + CHART + GAP }, rows, {
    title: 'nats: margin over the contrast phrases (thin), above what the camera shows without it (line)',
    curves: [
      { of: row => row.aboveQuiet, colour: eventColour(1), line: 2 },
      { of: row => row.margin, colour: COLOURS.faint, line: 0.75 },
    ],
    levels: [{ value: 0, label: 'quiet level' }],
    range: null,
    at,
  })
  const top = HEADER + 2 * (CHART + GAP)
  const below = { x: margin, y: top, width: width - 2 * margin - IMAGE.width - GAP, height: BAR }
  const next = drawPhrases(context, below, phrases.for, { title: 'for', colour: eventColour(2) })
  drawPhrases(context, { ...below, y: next + BAR }, phrases.against, { title: 'against', colour: eventColour(0) })
  await drawImage(context, { x: width - margin - IMAGE.width, y: top, ...IMAGE }, jpeg)
  return canvas.encode('png')
}

interface Chart {
  readonly title: string
  readonly curves: readonly {
    readonly of: (row: TraceRow) => number | null
    readonly colour: string
    readonly line: number
  }[]
  readonly levels: readonly { readonly value: number; readonly label: string }[]
  /** Null: that of the values. */
  readonly range: readonly [number, number] | null
  /** Time of the moment that is explained. */
  readonly at: number | null
}

function drawChart(context: SKRSContext2D, box: Box, rows: readonly TraceRow[], chart: Chart): void {
  const { title, curves, levels, at } = chart
  const values = [...rows.flatMap(row => curves.map(({ of }) => of(row) ?? 0)), ...levels.map(({ value }) => value)]
  const [low, high] = chart.range ?? [Math.min(...values), Math.max(...values, Math.min(...values) + 1)]
  const [from, to] = [rows[0]?.at ?? 0, rows.at(-1)?.at ?? 1]
  const x = (time: number) => box.x + (box.width * (time - from)) / Math.max(1, to - from)
  const y = (value: number) => box.y + box.height * (1 - (value - low) / (high - low))
  write(context, title, { x: box.x, y: box.y - 8, size: 12, colour: COLOURS.faint })
  context.fillStyle = COLOURS.rule
  context.fillRect(box.x, box.y + box.height, box.width, 1)
  if (at !== null) context.fillRect(x(at), box.y, 1, box.height)
  for (const { value, label } of levels) {
    drawLine(
      context,
      [box.x, box.x + box.width].map(each => [each, y(value)] as const),
      COLOURS.faint,
      0.75,
    )
    write(context, label, { x: box.x + box.width, y: y(value) - 4, size: 11, colour: COLOURS.faint, align: 'right' })
  }
  for (const { of, colour, line } of curves) {
    const points = rows.flatMap(row => {
      const value = of(row)
      return value === null ? [] : [[x(row.at), y(value)] as const]
    })
    drawLine(context, points, colour, line)
  }
  const times = { y: box.y + box.height + 16, size: 11, colour: COLOURS.faint }
  write(context, localTime(from), { x: box.x, ...times })
  write(context, localTime(to, { date: false }), { x: box.x + box.width, align: 'right', ...times })
}

type Point = readonly [x: number, y: number]

function drawLine(context: SKRSContext2D, points: readonly Point[], colour: string, width: number): void {
  context.strokeStyle = colour
  context.lineWidth = width
  context.lineJoin = 'round'
  context.beginPath()
  for (const [x, y] of points) context.lineTo(x, y)
  context.stroke()
}

interface Side {
  readonly title: string
  readonly colour: string
}

/** @returns where they end */
function drawPhrases(
  context: SKRSContext2D,
  { x, y, width, height }: Box,
  phrases: readonly WeighedPhrase[],
  { title, colour }: Side,
): number {
  write(context, `${title}: how much each phrase decided, and its logit`, {
    x,
    y: y + 12,
    size: 12,
    colour: COLOURS.faint,
  })
  const shown = phrases.slice(0, PHRASES)
  for (const [i, { phrase, logit, share }] of shown.entries()) {
    const top = y + 20 + i * height
    context.fillStyle = `${colour}40`
    context.fillRect(x, top, Math.max(1, width * share), height - 4)
    write(context, phrase, { x: x + 6, y: top + 16, size: 13, colour: COLOURS.ink, width: width * 0.75 })
    const value = `${Math.round(share * 100)} %  ${logit.toFixed(2)}`
    write(context, value, { x: x + width, y: top + 16, size: 12, colour: COLOURS.faint, align: 'right' })
  }
  return y + 20 + shown.length * height
}

async function drawImage(context: SKRSContext2D, box: Box, jpeg: Uint8Array | null): Promise<void> {
  context.fillStyle = COLOURS.blank
  context.fillRect(box.x, box.y, box.width, box.height)
  if (jpeg === null) {
    const text = { x: box.x + box.width / 2, y: box.y + box.height / 2, size: 12, colour: COLOURS.faint }
    write(context, 'no image is stored', { ...text, align: 'center' })
    return
  }
  const image = await loadImage(Buffer.from(jpeg))
  const scale = Math.min(box.width / image.width, box.height / image.height)
  const [width, height] = [image.width * scale, image.height * scale]
  context.drawImage(image, box.x + (box.width - width) / 2, box.y + (box.height - height) / 2, width, height)
}
