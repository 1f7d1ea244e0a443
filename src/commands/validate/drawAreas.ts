/** Draws the zones and masks of a camera over an image of it. */

import { createCanvas, loadImage, type SKRSContext2D } from '@napi-rs/canvas'
import type { Point, Zone } from '../../types.ts'
import { eventColour, letterWidth, registerFont, write } from '../detect/sheetStyle.ts'

export interface Areas {
  readonly zones: readonly DrawnZone[]
  readonly masks: readonly (readonly Point[])[]
}

interface DrawnZone extends Zone {
  /** The events that count in it. */
  readonly events: readonly string[]
}

const JPEG_QUALITY = 88
const MASK_COLOUR = '#ffffff'
/** Text and lines grow with the image, so that they can be read when it is shown smaller. Pixels at a width of 1280. */
const [LINE, TEXT, HATCH] = [3, 16, 14]
const DRAWN_WIDTH = 1280

interface Pen {
  readonly context: SKRSContext2D
  readonly width: number
  readonly height: number
  readonly scale: number
}

/**
 * @param jpeg the image as the camera's events show it, masks applied
 * @returns a JPEG of the same size
 */
export async function drawAreas(jpeg: Uint8Array, { zones, masks }: Areas): Promise<Buffer> {
  registerFont()
  const image = await loadImage(Buffer.from(jpeg))
  const { width, height } = image
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  context.drawImage(image, 0, 0)
  const pen: Pen = { context, width, height, scale: Math.max(0.6, width / DRAWN_WIDTH) }
  for (const mask of masks) drawMask(pen, mask)
  for (const [index, { polygon }] of zones.entries()) drawZone(pen, polygon, eventColour(index))
  // Last, so that no outline crosses a name.
  for (const [index, mask] of masks.entries())
    drawLabel(pen, mask, { text: `mask ${index + 1}`, colour: MASK_COLOUR, ink: '#000000' })
  for (const [index, { name, polygon, events }] of zones.entries()) {
    const text = events.length === 0 ? name : `${name}: ${events.join(', ')}`
    drawLabel(pen, polygon, { text, colour: eventColour(index), ink: '#ffffff' })
  }
  return canvas.encode('jpeg', JPEG_QUALITY)
}

function outline({ context, width, height }: Pen, polygon: readonly Point[]): void {
  context.beginPath()
  for (const [x, y] of polygon) context.lineTo(x * width, y * height)
  context.closePath()
}

/** The image is black there already; the stripes show where a mask lies on a dark image, too. */
function drawMask(pen: Pen, polygon: readonly Point[]): void {
  const { context, width, height, scale } = pen
  context.save()
  outline(pen, polygon)
  context.clip()
  context.strokeStyle = MASK_COLOUR
  context.globalAlpha = 0.6
  context.lineWidth = 1.5 * scale
  context.beginPath()
  for (let x = -height; x < width; x += HATCH * scale) {
    context.moveTo(x, height)
    context.lineTo(x + height, 0)
  }
  context.stroke()
  context.restore()
  strokeOutline(pen, polygon, { colour: MASK_COLOUR, dash: [8 * scale, 6 * scale] })
}

function drawZone(pen: Pen, polygon: readonly Point[], colour: string): void {
  const { context } = pen
  outline(pen, polygon)
  context.fillStyle = colour
  context.globalAlpha = 0.2
  context.fill()
  context.globalAlpha = 1
  strokeOutline(pen, polygon, { colour, dash: [] })
}

/** Twice, so that the line can be seen on every background. */
function strokeOutline(
  pen: Pen,
  polygon: readonly Point[],
  { colour, dash }: { readonly colour: string; readonly dash: number[] },
): void {
  const { context, scale } = pen
  context.lineJoin = 'round'
  for (const [wide, stroke, pattern] of [
    [LINE + 3, 'rgba(0, 0, 0, 0.6)', []],
    [LINE, colour, dash],
  ] as const) {
    outline(pen, polygon)
    context.lineWidth = wide * scale
    context.strokeStyle = stroke
    context.setLineDash([...pattern])
    context.stroke()
  }
}

interface Label {
  readonly text: string
  readonly colour: string
  readonly ink: string
}

/** At the highest corner, inside the image. */
function drawLabel(
  { context, width, height, scale }: Pen,
  polygon: readonly Point[],
  { text, colour, ink }: Label,
): void {
  const [left, top] = polygon.reduce((highest, corner) => (corner[1] < highest[1] ? corner : highest))
  const size = TEXT * scale
  const wide = Math.min(width, text.length * letterWidth(context, size) + size)
  const high = size * 1.6
  const x = Math.max(0, Math.min(left * width, width - wide))
  const y = Math.max(0, Math.min(top * height, height - high))
  context.fillStyle = colour
  context.fillRect(x, y, wide, high)
  write(context, text, { x: x + size / 2, y: y + size * 1.15, size, colour: ink, width: wide - size / 2 })
}
