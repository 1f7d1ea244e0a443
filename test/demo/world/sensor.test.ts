import { describe, expect, test } from 'vitest'
import { createSensor, type Exposure } from '../../../src/demo/world/sensor.ts'

const [WIDTH, HEIGHT] = [64, 48]
const STILL: Exposure = { noise: 0, grey: false, frame: 1, shake: [0, 0], lines: [] }

/** RGBA bytes of one pixel as one number. */
const pixel = (r: number, g: number, b: number) => (0xff000000 | (b << 16) | (g << 8) | r) >>> 0

function expose(from: Uint32Array, exposure: Partial<Exposure>): Uint32Array {
  const to = new Uint32Array(from.length)
  createSensor(WIDTH, HEIGHT)(from, to, { ...STILL, ...exposure })
  return to
}

describe('createSensor', () => {
  const plain = new Uint32Array(WIDTH * HEIGHT).fill(pixel(120, 60, 200))

  test('does not change a uniform image without noise', () => {
    expect(expose(plain, {})).toEqual(plain)
  })

  test('noise has the deviation that was asked for, mean nought, and another pattern in the next frame', () => {
    const deviation = (frame: number, noise: number) => {
      const values = [...expose(plain, { noise, frame })].map(value => (value & 255) - 120)
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      return { mean, spread: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) }
    }
    expect(deviation(1, 5).spread).toBeGreaterThan(4)
    expect(deviation(1, 5).spread).toBeLessThan(6)
    expect(Math.abs(deviation(1, 5).mean)).toBeLessThan(1.2)
    expect(expose(plain, { noise: 5, frame: 2 })).not.toEqual(expose(plain, { noise: 5, frame: 1 }))
    expect(expose(plain, { noise: 5, frame: 1 })).toEqual(expose(plain, { noise: 5, frame: 1 }))
  })

  test('grey images have one value in all channels, by luminance', () => {
    const [value] = expose(plain, { grey: true })
    const luminance = Math.floor((120 * 77 + 60 * 150 + 200 * 29) / 256)
    expect(value).toBe(pixel(luminance, luminance, luminance))
  })

  test('values stay within a byte', () => {
    const extremes = Uint32Array.from(plain, (_, i) => (i % 2 ? pixel(255, 255, 255) : pixel(0, 0, 0)))
    const bytes = new Uint8Array(expose(extremes, { noise: 60 }).buffer)
    expect(bytes.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true)
  })

  test('a shake moves the image by whole pixels', () => {
    const rows = Uint32Array.from(plain, (_, i) => pixel(Math.floor(i / WIDTH), 0, 0))
    const shaken = expose(rows, { shake: [0, 1] })
    expect(shaken[0]).toBe(pixel(1, 0, 0))
    expect(shaken[(HEIGHT - 1) * WIDTH]).toBe(pixel(HEIGHT - 1, 0, 0))
  })

  test('softens an edge by a quarter', () => {
    const edge = Uint32Array.from(plain, (_, i) => (i % WIDTH < 32 ? pixel(0, 0, 0) : pixel(200, 200, 200)))
    expect(expose(edge, {})[31]).toBe(pixel(50, 50, 50))
  })
})
