/** Draws the add-on's icon.png and logo.png: `npx tsx scripts/addonIcon.ts`. */

import { writeFileSync } from 'node:fs'
import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas'

const FOLDER = new URL('../packaging/home-assistant/watchword/', import.meta.url)
const COLORS = { ground: '#12303f', lens: '#f4f7f8', iris: '#2f9bbf', pupil: '#0b1d26', wave: '#ffb347' }

for (const name of ['icon', 'logo']) writeFileSync(new URL(`${name}.png`, FOLDER), await draw(128))

async function draw(size: number): Promise<Buffer> {
  const canvas = createCanvas(size, size)
  const context = canvas.getContext('2d')
  context.scale(size / 128, size / 128)
  context.fillStyle = COLORS.ground
  context.beginPath()
  context.roundRect(0, 0, 128, 128, 26)
  context.fill()
  disc(context, 34, COLORS.lens)
  disc(context, 24, COLORS.iris)
  disc(context, 11, COLORS.pupil)
  // A rising score under the lens.
  context.strokeStyle = COLORS.wave
  context.lineWidth = 6
  context.lineCap = 'round'
  context.lineJoin = 'round'
  context.beginPath()
  for (const [x, y] of [
    [20, 108],
    [48, 108],
    [60, 96],
    [74, 112],
    [86, 104],
    [108, 104],
  ] as const)
    context.lineTo(x, y)
  context.stroke()
  return canvas.encode('png')
}

function disc(context: SKRSContext2D, radius: number, color: string): void {
  context.fillStyle = color
  context.beginPath()
  context.arc(64, 54, radius, 0, 2 * Math.PI)
  context.fill()
}
