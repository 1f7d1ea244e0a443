/** A sheet of the found events' peak pictures, each with its name, time and curve: one PNG to look at. */

import { fileURLToPath } from 'node:url'
import { createCanvas, GlobalFonts, loadImage, type SKRSContext2D } from '@napi-rs/canvas'
import { percent, span, title } from './files.ts'
import type { Finding } from './findings.ts'

const FONT = 'Watchword Mono'
const COLUMNS = 3
const TILE = { width: 400, height: 225, caption: 74, gap: 20 }
const HEADER = 64
const COLOURS = {
  paper: '#f6f5f1',
  ink: '#1d2430',
  faint: '#6b7280',
  line: '#c7472e',
  fill: '#c7472e22',
  blank: '#dedcd4',
}

/**
 * Draws every finding, in order of start.
 * @returns PNG bytes; the same findings give the same bytes
 */
export async function contactSheet(heading: string, found: readonly Finding[]): Promise<Buffer> {
  registerFont()
  const sorted = [...found].sort((a, b) => a.event.startTime - b.event.startTime)
  const columns = Math.max(1, Math.min(COLUMNS, sorted.length))
  const rows = Math.max(1, Math.ceil(sorted.length / COLUMNS))
  const cell = { width: TILE.width + TILE.gap, height: TILE.height + TILE.caption + TILE.gap }
  const canvas = createCanvas(Math.max(2, columns) * cell.width + TILE.gap, HEADER + rows * cell.height)
  const context = canvas.getContext('2d')
  context.fillStyle = COLOURS.paper
  context.fillRect(0, 0, canvas.width, canvas.height)
  write(context, heading, { x: TILE.gap, y: 40, size: 20, colour: COLOURS.ink })
  if (sorted.length === 0)
    write(context, 'nothing found', { x: TILE.gap, y: HEADER + 30, size: 16, colour: COLOURS.faint })

  for (const [index, finding] of sorted.entries()) {
    const x = TILE.gap + (index % COLUMNS) * cell.width
    const y = HEADER + Math.floor(index / COLUMNS) * cell.height
    await drawTile(context, finding, x, y)
  }
  return canvas.encode('png')
}

async function drawTile(
  context: SKRSContext2D,
  { event, curve, picture }: Finding,
  x: number,
  y: number,
): Promise<void> {
  context.fillStyle = COLOURS.blank
  context.fillRect(x, y, TILE.width, TILE.height)
  if (picture) {
    const image = await loadImage(Buffer.from(picture))
    const scale = Math.min(TILE.width / image.width, TILE.height / image.height)
    const [width, height] = [image.width * scale, image.height * scale]
    context.drawImage(image, x + (TILE.width - width) / 2, y + (TILE.height - height) / 2, width, height)
  }
  const below = y + TILE.height
  write(context, title(event), { x, y: below + 24, size: 16, colour: COLOURS.ink })
  write(context, `${span(event)}  peak ${percent(event.topScore)}`, {
    x,
    y: below + 46,
    size: 13,
    colour: COLOURS.faint,
  })
  drawCurve(context, curve, { x, y: below + 54, width: TILE.width, height: 18 })
}

function drawCurve(
  context: SKRSContext2D,
  curve: readonly number[],
  box: { x: number; y: number; width: number; height: number },
): void {
  if (curve.length < 2) return
  const step = box.width / (curve.length - 1)
  const points = curve.map((score, index) => [box.x + index * step, box.y + box.height * (1 - score)] as const)
  const trace = () => {
    context.beginPath()
    for (const [px, py] of points) context.lineTo(px, py)
  }
  trace()
  context.lineTo(box.x + box.width, box.y + box.height)
  context.lineTo(box.x, box.y + box.height)
  context.fillStyle = COLOURS.fill
  context.fill()
  trace()
  context.strokeStyle = COLOURS.line
  context.lineWidth = 1.5
  context.stroke()
}

function write(
  context: SKRSContext2D,
  text: string,
  { x, y, size, colour }: { x: number; y: number; size: number; colour: string },
): void {
  context.fillStyle = colour
  context.font = `${size}px "${FONT}"`
  context.fillText(text, x, y)
}

/** A fresh machine may have no fonts at all: ours comes with the package. */
function registerFont(): void {
  if (GlobalFonts.has(FONT)) return
  const file = import.meta.resolve('@fontsource/jetbrains-mono/files/jetbrains-mono-latin-500-normal.woff2')
  GlobalFonts.registerFromPath(fileURLToPath(file), FONT)
}
