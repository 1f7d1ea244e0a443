/** Draws the timeline of the contact sheet: one row per event, with its score and the spans found. */

import type { SKRSContext2D } from '@napi-rs/canvas'
import type { WatchEvent } from '../../types.ts'
import { position } from './clock.ts'
import type { ScoreRow } from './findings.ts'
import { type Box, badge, COLOURS, eventColour, letterWidth, type Place, write } from './sheetStyle.ts'

export interface TimelineRow {
  readonly event: string
  /** Words for people. */
  readonly title: string
  /** Score at which it starts, [0, 1]; null where scores are not what starts it. */
  readonly threshold: number | null
  readonly found: readonly { readonly number: number; readonly event: WatchEvent }[]
}

const LANE = { height: 40, gap: 18 }
/** Pixels for the titles, before the lanes: as many as the longest wants, within these. */
const LABEL = { narrowest: 190, widest: 380, letters: 15, gap: 16 }
const AXIS = 26
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400].map(s => s * 1000)
const MOST_TICKS = 10

export function timelineHeight(lanes: number): number {
  return lanes * (LANE.height + LANE.gap) + AXIS
}

/** @param width of labels and lanes together */
export function drawTimeline(
  context: SKRSContext2D,
  { lanes, rows }: { lanes: readonly TimelineRow[]; rows: readonly ScoreRow[] },
  { x, y, width }: Place & { width: number },
): void {
  const endMs = Math.max(1, rows.at(-1)?.at ?? 0)
  const most = Math.max(...lanes.map(lane => lane.title.length))
  const longest = Math.ceil(most * letterWidth(context, LABEL.letters)) + LABEL.gap
  const label = Math.min(LABEL.widest, Math.max(LABEL.narrowest, longest))
  const left = x + label
  const at = (ms: number) => left + (Math.min(ms, endMs) / endMs) * (width - label)
  const bottom = y + lanes.length * (LANE.height + LANE.gap)
  drawAxis(context, { endMs, at, top: y, bottom })
  for (const [index, lane] of lanes.entries()) {
    const colour = eventColour(index)
    const top = y + index * (LANE.height + LANE.gap)
    const box: Box = { x: left, y: top, width: width - label, height: LANE.height }
    write(context, lane.title, { x, y: top + 17, size: LABEL.letters, colour, width: label - LABEL.gap })
    const count = lane.found.length
    const much = count === 0 ? 'not found' : `found ${count === 1 ? 'once' : `${count} times`}`
    write(context, much, { x, y: top + 35, size: 12, colour: COLOURS.faint })
    drawScore(context, rows, lane, { box, at, colour })
    for (const { event } of lane.found) {
      const from = at(event.startTime)
      context.fillStyle = colour
      context.fillRect(from, top + LANE.height + 1, Math.max(2, at(event.endTime ?? event.frameTime) - from), 4)
    }
    for (const { number, event } of lane.found) badge(context, number, { x: at(event.topTime), y: top + 2 }, colour)
  }
}

function drawScore(
  context: SKRSContext2D,
  rows: readonly ScoreRow[],
  { event, threshold }: TimelineRow,
  { box, at, colour }: { box: Box; at: (ms: number) => number; colour: string },
): void {
  const height = (score: number) => box.y + box.height * (1 - score)
  const bottom = box.y + box.height
  context.fillStyle = COLOURS.rule
  context.fillRect(box.x, bottom, box.width, 1)
  if (threshold !== null) {
    context.strokeStyle = COLOURS.faint
    context.lineWidth = 0.75
    context.setLineDash([2, 4])
    context.beginPath()
    context.moveTo(box.x, height(threshold))
    context.lineTo(box.x + box.width, height(threshold))
    context.stroke()
    context.setLineDash([])
  }
  if (rows.length === 0) return
  const trace = () => {
    context.beginPath()
    for (const row of rows) context.lineTo(at(row.at), height(row.scores[event] ?? 0))
  }
  trace()
  context.lineTo(at(rows.at(-1)?.at ?? 0), bottom)
  context.lineTo(at(rows[0]?.at ?? 0), bottom)
  context.fillStyle = `${colour}2b`
  context.fill()
  trace()
  context.strokeStyle = colour
  context.lineWidth = 1.25
  context.lineJoin = 'round'
  context.stroke()
}

function drawAxis(
  context: SKRSContext2D,
  { endMs, at, top, bottom }: { endMs: number; at: (ms: number) => number; top: number; bottom: number },
): void {
  const step = STEPS_MS.find(each => endMs / each <= MOST_TICKS) ?? Math.ceil(endMs / MOST_TICKS)
  for (let ms = 0; ms <= endMs; ms += step) {
    context.fillStyle = COLOURS.rule
    context.fillRect(at(ms), top, 1, bottom - top)
    // The last one must not leave the sheet.
    const align = ms === 0 ? 'left' : ms + step > endMs && endMs - ms < step / 2 ? 'right' : 'center'
    write(context, position(ms).replace(/\.0$/, ''), {
      x: at(ms),
      y: bottom + 14,
      size: 11,
      colour: COLOURS.faint,
      align,
    })
  }
}
