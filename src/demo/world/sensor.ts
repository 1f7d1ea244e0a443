/** Simulates the camera sensor: blur, noise, slight shake, grey frames in infrared, and the burnt-in clock. */

import { createRandom } from '../../util/random.ts'
import { drawText } from './drawText.ts'

export interface Exposure {
  /** Standard deviation of the noise in grey levels. */
  readonly noise: number
  readonly grey: boolean
  /** Selects the noise of this frame. */
  readonly frame: number
  /** Device pixels by which the frame is shifted. */
  readonly shake: readonly [number, number]
  readonly lines: readonly string[]
}

const TILE = 256

/** Turns a drawn image into a camera's: [height, width] RGBA as one number per pixel, little-endian. */
export type Sensor = (from: Uint32Array, to: Uint32Array, exposure: Exposure) => void

export function createSensor(width: number, height: number): Sensor {
  const columns = new Int32Array(width)
  return (from, to, exposure) => {
    const random = createRandom(exposure.frame)
    const [offsetX, offsetY] = [random.integer(0, TILE - 1), random.integer(0, TILE - 1)]
    const gain = Math.round((exposure.noise * 256) / 32)
    const [shakeX, shakeY] = exposure.shake
    for (let x = 0; x < width; x++) columns[x] = within(x + shakeX, width)
    for (let y = 0; y < height; y++) {
      const row = within(y + shakeY, height) * width
      const noiseRow = ((y + offsetY) & (TILE - 1)) * TILE
      for (let x = 0; x < width; x++) {
        const i = row + (columns[x] as number)
        const soft = soften(from[i] as number, from[i + 1 < from.length ? i + 1 : i] as number)
        const noise = ((NOISE[noiseRow + ((x + offsetX) & (TILE - 1))] as number) * gain) >> 8
        to[y * width + x] = exposure.grey ? greyPixel(soft, noise) : colourPixel(soft, noise)
      }
    }
    drawText(to, width, height, exposure.lines)
  }
}

/** Three parts of a pixel and one of its neighbour, all channels at once. */
function soften(a: number, b: number): number {
  return average(a, average(a, b))
}

/** Per byte: what both have in common plus half of what differs. */
function average(a: number, b: number): number {
  return (a & b) + (((a ^ b) & 0xfefefefe) >>> 1)
}

function colourPixel(pixel: number, noise: number): number {
  const [r, g, b] = [(pixel & 255) + noise, ((pixel >>> 8) & 255) + noise, ((pixel >>> 16) & 255) + noise]
  return 0xff000000 | (byte(b) << 16) | (byte(g) << 8) | byte(r)
}

function greyPixel(pixel: number, noise: number): number {
  const [r, g, b] = [(pixel & 255) + noise, ((pixel >>> 8) & 255) + noise, ((pixel >>> 16) & 255) + noise]
  return 0xff000000 | (byte((r * 77 + g * 150 + b * 29) >> 8) * 0x010101)
}

function byte(value: number): number {
  return Math.max(0, Math.min(255, value))
}

function within(i: number, size: number): number {
  return Math.max(0, Math.min(size - 1, i))
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

/** The same for every camera, and slow to make: once. */
const NOISE: Readonly<Int8Array> = noiseTile()
