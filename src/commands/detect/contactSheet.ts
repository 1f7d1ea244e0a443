/** Draws the contact sheet, one PNG: a timeline of all events and the peak frame of each. */

import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas'
import { pluralize } from '../../util/pluralize.ts'
import { position } from './clock.ts'
import { drawPicture } from './drawPicture.ts'
import { drawTimeline, type TimelineRow, timelineHeight } from './drawTimeline.ts'
import type { Finding, ScoreRow } from './findings.ts'
import { percent, type RunFacts, span, title } from './formats.ts'
import { badge, COLOURS, eventColour, type Place, registerFont, SHEET, write } from './sheetStyle.ts'

export interface Sheet {
  readonly facts: RunFacts
  /** Event name → score at which it starts, [0, 1]. In this order they get rows and colours. */
  readonly thresholds: Readonly<Record<string, number>>
  readonly found: readonly Finding[]
  readonly rows: readonly ScoreRow[]
}

const HEADER = 76
const COLUMNS = 3
const GAP = 20
const TILE = { width: (SHEET.width - 2 * SHEET.margin - (COLUMNS - 1) * GAP) / COLUMNS, height: 224, caption: 62 }
/** A sheet with hundreds of frames is unreadable; only the highest peaks are kept. */
const MOST_TILES = 60

interface Numbered {
  readonly number: number
  readonly finding: Finding
  readonly colour: string
}

/** @returns PNG bytes; the same findings give the same bytes */
export async function contactSheet({ facts, thresholds, found, rows }: Sheet): Promise<Buffer> {
  registerFont()
  const names = Object.keys(thresholds)
  const sorted = [...found].sort((a, b) => a.event.startTime - b.event.startTime)
  const numbered = sorted.map((finding, index) => {
    return { number: index + 1, finding, colour: eventColour(names.indexOf(finding.event.event)) }
  })
  const tiles = strongest(numbered)
  const lanes = names.map((event): TimelineRow => {
    const own = numbered.filter(({ finding }) => finding.event.event === event)
    return {
      event,
      title: title({ event }),
      threshold: thresholds[event] ?? null,
      found: own.map(({ number, finding }) => ({ number, event: finding.event })),
    }
  })

  const { width, margin, scale } = SHEET
  const tilesTop = HEADER + timelineHeight(lanes.length) + margin
  const height = tilesTop + Math.ceil(tiles.length / COLUMNS) * (TILE.height + TILE.caption)
  const canvas = createCanvas(width * scale, Math.ceil(height * scale))
  const context = canvas.getContext('2d')
  context.scale(scale, scale)
  context.fillStyle = COLOURS.paper
  context.fillRect(0, 0, width, height)

  write(context, facts.video, { x: margin, y: 42, size: 22, colour: COLOURS.ink, width: width * 0.5 })
  const length = position(rows.at(-1)?.at ?? 0)
  const summary = `${pluralize(found.length, 'event')} in ${pluralize(facts.frames, 'frame')}, ${length}  ·  ${facts.model} ${facts.variant}`
  write(context, summary, { x: width - margin, y: 42, size: 13, colour: COLOURS.faint, align: 'right' })
  drawTimeline(context, { lanes, rows }, { x: margin, y: HEADER, width: width - 2 * margin })
  if (tiles.length < numbered.length) {
    const cut = `the ${tiles.length} highest peaks of ${numbered.length} events`
    write(context, cut, { x: margin, y: tilesTop - 12, size: 12, colour: COLOURS.faint })
  }
  for (const [index, tile] of tiles.entries()) {
    const x = margin + (index % COLUMNS) * (TILE.width + GAP)
    await drawTile(context, tile, { x, y: tilesTop + Math.floor(index / COLUMNS) * (TILE.height + TILE.caption) })
  }
  return canvas.encode('png')
}

/** In order of start. */
function strongest(numbered: readonly Numbered[]): readonly Numbered[] {
  if (numbered.length <= MOST_TILES) return numbered
  const byPeak = [...numbered].sort((a, b) => b.finding.event.topScore - a.finding.event.topScore)
  return byPeak.slice(0, MOST_TILES).sort((a, b) => a.number - b.number)
}

async function drawTile(context: SKRSContext2D, { number, finding, colour }: Numbered, { x, y }: Place): Promise<void> {
  const { event, picture } = finding
  context.fillStyle = COLOURS.blank
  context.fillRect(x, y, TILE.width, TILE.height)
  if (picture) await drawPicture(context, picture, { x, y, ...TILE }, colour)
  context.fillStyle = colour
  context.fillRect(x, y + TILE.height, TILE.width, 3)
  badge(context, number, { x: x + 16, y: y + 17 }, colour)
  const right = x + TILE.width
  const below = y + TILE.height
  write(context, title(event), { x, y: below + 23, size: 15, colour: COLOURS.ink, width: TILE.width - 60 })
  write(context, percent(event.topScore), { x: right, y: below + 23, size: 15, colour, align: 'right' })
  write(context, span(event), { x, y: below + 42, size: 12, colour: COLOURS.faint })
  const peak = `peak at ${position(event.topTime)}`
  write(context, peak, { x: right, y: below + 42, size: 12, colour: COLOURS.faint, align: 'right' })
}
