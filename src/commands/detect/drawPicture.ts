/** Draws the frame of an event's peak into a tile: with a box where the event was, and in a corner what the model saw there, if that is known. */

import { createCanvas, loadImage, type SKRSContext2D } from '@napi-rs/canvas'
import type { ViewImage } from '../../types.ts'
import type { Picture } from './findings.ts'
import { type Box, COLOURS } from './sheetStyle.ts'

/** Height of the inset over the tile's. */
const INSET = 0.45
const BORDER = 2

export async function drawPicture(
  context: SKRSContext2D,
  { jpeg, where, viewImage }: Picture,
  tile: Box,
  colour: string,
): Promise<void> {
  const image = await loadImage(Buffer.from(jpeg))
  const scale = Math.min(tile.width / image.width, tile.height / image.height)
  const [width, height] = [image.width * scale, image.height * scale]
  const [left, top] = [tile.x + (tile.width - width) / 2, tile.y + (tile.height - height) / 2]
  context.drawImage(image, left, top, width, height)
  if (where === null || where.view === 'whole') return
  const { box, view } = where
  const outline = {
    x: left + box.x * width,
    y: top + box.y * height,
    width: box.width * width,
    height: box.height * height,
  }
  frame(context, around(outline), colour)
  if (viewImage === null) return

  // In the lower corner that is farther from the box. A zone was scaled to a square for the model, and gets its shape back.
  const side = tile.height * INSET
  const seen = viewImage.box
  const ratio = view === 'zone' ? (seen.width * width) / (seen.height * height) : 1
  const size = { width: side * Math.min(1, ratio), height: side / Math.max(1, ratio) }
  const isLeft = box.x + box.width / 2 > 0.5
  const x = isLeft ? left + BORDER : left + width - size.width - BORDER
  const inset = { x, y: top + height - size.height - BORDER, ...size }
  context.drawImage(canvasOf(viewImage), inset.x, inset.y, inset.width, inset.height)
  frame(context, inset, colour)
}

/** The line hides nothing of the place. */
function around({ x, y, width, height }: Box): Box {
  return { x: x - BORDER, y: y - BORDER, width: width + 2 * BORDER, height: height + 2 * BORDER }
}

/** A line with a dark edge, so that it is seen on any background. */
function frame(context: SKRSContext2D, { x, y, width, height }: Box, colour: string): void {
  for (const [style, lineWidth] of [
    [COLOURS.ink, BORDER + 1.5],
    [colour, BORDER],
  ] as const) {
    context.strokeStyle = style
    context.lineWidth = lineWidth
    context.strokeRect(x, y, width, height)
  }
}

function canvasOf({ size, pixels }: ViewImage) {
  const canvas = createCanvas(size, size)
  const context = canvas.getContext('2d')
  const image = context.createImageData(size, size)
  for (let from = 0, to = 0; from < pixels.length; from += 3, to += 4) {
    image.data.set(pixels.subarray(from, from + 3), to)
    image.data[to + 3] = 255
  }
  context.putImageData(image, 0, 0)
  return canvas
}
