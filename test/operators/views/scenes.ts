/** Frames with a detail image for tests of views: grey, with bright objects. */

import type { Frame } from '../../../src/types.ts'
import { image, imageFrame } from '../../support/frames.ts'

/** Side of the model's input, and size of the detail image, pixels. */
export const SIZE = 64
export const [WIDTH, HEIGHT] = [256, 128]

/** In pixels of the detail image. */
export interface Thing {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly grey?: number
}

const noise = (x: number, y: number) => ((x * 7 + y * 13) % 5) - 2

export function sceneFrame(at: number, things: readonly Thing[], zoneNames: readonly string[] = []): Frame {
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3)
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const thing = things.find(t => x >= t.x && x < t.x + t.width && y >= t.y && y < t.y + t.height)
      pixels.fill((thing ? (thing.grey ?? 220) : 100) + noise(x, y), (y * WIDTH + x) * 3, (y * WIDTH + x + 1) * 3)
    }
  const whole = imageFrame(
    at,
    image(SIZE, () => 100),
  )
  const zoneImages = new Map(zoneNames.map(name => [name, new Uint8Array(SIZE * SIZE * 3)]))
  return { ...whole, detail: { width: WIDTH, height: HEIGHT, pixels }, zoneImages }
}

/** A walker is 4 % of the picture's height and width at most. */
export const walker = (x: number, y = 60): Thing => ({ x, y, width: 6, height: 16 })
