/** Draws moments of the past as a contact sheet, one PNG: a tile each, in sections. */

import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas'
import type { Where } from '../../types.ts'
import { drawPicture } from '../detect/drawPicture.ts'
import { badge, COLOURS, eventColour, type Place, registerFont, SHEET, write } from '../detect/sheetStyle.ts'

export interface Tile {
  /** JPEG; null: none is stored. */
  readonly jpeg: Uint8Array | null
  readonly where: Where | null
  readonly title: string
  /** Beside the title, such as a score. */
  readonly value: string
  /** Below it, two texts of a few words. */
  readonly caption: readonly [string, string]
}

export interface TileSection {
  readonly title: string
  readonly tiles: readonly Tile[]
}

export interface MomentSheet {
  readonly title: string
  readonly summary: string
  readonly sections: readonly TileSection[]
}

const HEADER = 76
const SECTION = 40
const COLUMNS = 4
const GAP = 20
const TILE = { width: (SHEET.width - 2 * SHEET.margin - (COLUMNS - 1) * GAP) / COLUMNS, height: 168, caption: 62 }

/** @returns PNG bytes; sections without a tile are left out */
export async function momentSheet({ title, summary, sections }: MomentSheet): Promise<Buffer> {
  registerFont()
  const { width, margin, scale } = SHEET
  const drawn = sections.filter(({ tiles }) => tiles.length > 0)
  const heights = drawn.map(({ tiles }) => SECTION + Math.ceil(tiles.length / COLUMNS) * (TILE.height + TILE.caption))
  const height = HEADER + heights.reduce((sum, each) => sum + each, 0) + margin
  const canvas = createCanvas(width * scale, Math.ceil(height * scale))
  const context = canvas.getContext('2d')
  context.scale(scale, scale)
  context.fillStyle = COLOURS.paper
  context.fillRect(0, 0, width, height)
  write(context, title, { x: margin, y: 42, size: 22, colour: COLOURS.ink, width: width * 0.55 })
  write(context, summary, { x: width - margin, y: 42, size: 13, colour: COLOURS.faint, align: 'right' })
  let top = HEADER
  for (const [index, section] of drawn.entries()) {
    await drawSection(context, section, { top, colour: eventColour(index) })
    top += heights[index] as number
  }
  return canvas.encode('png')
}

async function drawSection(
  context: SKRSContext2D,
  { title, tiles }: TileSection,
  { top, colour }: { readonly top: number; readonly colour: string },
): Promise<void> {
  write(context, title, { x: SHEET.margin, y: top + 18, size: 15, colour })
  for (const [index, tile] of tiles.entries()) {
    const x = SHEET.margin + (index % COLUMNS) * (TILE.width + GAP)
    const y = top + SECTION - 10 + Math.floor(index / COLUMNS) * (TILE.height + TILE.caption)
    await drawTile(context, { tile, number: index + 1, colour }, { x, y })
  }
}

interface Numbered {
  readonly tile: Tile
  readonly number: number
  readonly colour: string
}

async function drawTile(context: SKRSContext2D, { tile, number, colour }: Numbered, { x, y }: Place): Promise<void> {
  const { jpeg, where, title, value, caption } = tile
  context.fillStyle = COLOURS.blank
  context.fillRect(x, y, TILE.width, TILE.height)
  if (jpeg === null) write(context, 'no picture stored', middleOf({ x, y }))
  else await drawPicture(context, { jpeg, where, viewImage: null }, { x, y, ...TILE }, colour)
  context.fillStyle = colour
  context.fillRect(x, y + TILE.height, TILE.width, 3)
  badge(context, number, { x: x + 16, y: y + 17 }, colour)
  const [right, below] = [x + TILE.width, y + TILE.height]
  write(context, title, { x, y: below + 22, size: 14, colour: COLOURS.ink, width: TILE.width - 70 })
  write(context, value, { x: right, y: below + 22, size: 14, colour, align: 'right' })
  write(context, caption[0], { x, y: below + 40, size: 12, colour: COLOURS.faint })
  write(context, caption[1], { x: right, y: below + 40, size: 12, colour: COLOURS.faint, align: 'right' })
}

function middleOf({ x, y }: Place) {
  return { x: x + TILE.width / 2, y: y + TILE.height / 2, size: 12, colour: COLOURS.faint, align: 'center' } as const
}
