/** What the camera adds: softness, noise, a little shake, grey pictures in infrared, and the burnt-in clock. */

import { createRandom } from '../../util/random.ts'
import { drawText } from './font.ts'

export interface Exposure {
  /** Standard deviation of the noise in grey levels. */
  readonly noise: number
  readonly grey: boolean
  /** Picks the noise of this picture. */
  readonly frame: number
  /** Device pixels the picture has moved. */
  readonly shake: readonly [number, number]
  readonly lines: readonly string[]
}

const TILE = 256

/** Turns a drawn picture into a camera's: `from` and `to` are [height, width] RGBA as one number a pixel, little-endian. */
export function createSensor(width: number, height: number) {
  const tile = noiseTile()
  return (from: Uint32Array, to: Uint32Array, exposure: Exposure): void => {
    const shift = createRandom(exposure.frame)
    const [ox, oy] = [shift.integer(0, TILE - 1), shift.integer(0, TILE - 1)]
    const gain = Math.round((exposure.noise * 256) / 32)
    const [sx, sy] = exposure.shake
    for (let y = 0; y < height; y++) {
      const row = Math.min(height - 1, Math.max(0, y + sy)) * width
      const noiseRow = ((y + oy) & (TILE - 1)) * TILE
      for (let x = 0; x < width; x++) {
        const i = row + Math.min(width - 1, Math.max(0, x + sx))
        const a = from[i] as number
        const b = from[i + 1 < from.length ? i + 1 : i] as number
        // Average of neighbours without unpacking: (a & b) + half of what differs, per byte.
        const soft = (a & b) + (((a ^ b) & 0xfefefefe) >>> 1)
        const mixed = (a & soft) + (((a ^ soft) & 0xfefefefe) >>> 1)
        const n = ((tile[noiseRow + ((x + ox) & (TILE - 1))] as number) * gain) >> 8
        let r = (mixed & 255) + n
        let g = ((mixed >>> 8) & 255) + n
        let blue = ((mixed >>> 16) & 255) + n
        if (exposure.grey) {
          r = (r * 77 + g * 150 + blue * 29) >> 8
          g = r
          blue = r
        }
        r = r < 0 ? 0 : r > 255 ? 255 : r
        g = g < 0 ? 0 : g > 255 ? 255 : g
        blue = blue < 0 ? 0 : blue > 255 ? 255 : blue
        to[y * width + x] = 0xff000000 | (blue << 16) | (g << 8) | r
      }
    }
    drawText(to, width, height, exposure.lines)
  }
}

/** Noise of deviation 32, slightly blotchy as after compression. */
function noiseTile(): Int8Array {
  const random = createRandom('sensor noise')
  const raw = Float32Array.from({ length: TILE * TILE }, () => random.normal(0, 1))
  return Int8Array.from(raw, (value, i) => {
    const left = raw[(i + TILE * TILE - 1) % (TILE * TILE)] as number
    const above = raw[(i + TILE * TILE - TILE) % (TILE * TILE)] as number
    return Math.max(-127, Math.min(127, (value * 0.8 + left * 0.42 + above * 0.42) * 32))
  })
}
