import { expect, test } from 'vitest'
import { resizeBicubic } from '../../src/util/resizeBicubic.ts'

/** An image of these grey values, row by row. */
function grey(rows: readonly (readonly number[])[]): Uint8ClampedArray {
  return Uint8ClampedArray.from(rows.flatMap(row => row.flatMap(value => [value, value, value, 255])))
}

/** The red channel, row by row. */
function red(rgb: Uint8Array, size: number): number[][] {
  return Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => rgb[(y * size + x) * 3] as number),
  )
}

test('the same size keeps the pixels, without alpha', () => {
  const resize = resizeBicubic({ width: 2, height: 2 }, 2)
  const rgba = Uint8ClampedArray.of(1, 2, 3, 9, 4, 5, 6, 9, 7, 8, 9, 9, 250, 251, 252, 9)
  expect([...resize(rgba)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 250, 251, 252])
})

test('one colour stays that colour, whatever the proportions', () => {
  const rows = Array.from({ length: 9 }, () => Array.from({ length: 16 }, () => 77))
  const resized = resizeBicubic({ width: 16, height: 9 }, 10)(grey(rows))
  expect(new Set(resized)).toEqual(new Set([77]))
  expect(resized).toHaveLength(300)
})

test('a step is scaled up with the overshoot of the filter', () => {
  // By hand with a = −0.5: the second value is 200 · w(3/4) / (w(1/4) + w(3/4)) = 41.4. The outer ones overshoot:
  // 200 · w(5/4) / (w(1/4) + w(5/4)) = −17.6, clamped to 0, and 217.6.
  const step = [
    [0, 200],
    [0, 200],
  ]
  const [row, ...others] = red(resizeBicubic({ width: 2, height: 2 }, 4)(grey(step)), 4)
  expect(row?.[0]).toBe(0)
  expect(row?.[1]).toBe(41)
  expect(row?.[2]).toBe(159)
  expect(row?.[3]).toBe(218)
  for (const other of others) expect(other).toEqual(row)
})

test('scaling down, every pixel counts', () => {
  // Stripes of one pixel become an even grey, and no moiré.
  const stripes = Array.from({ length: 64 }, () => Array.from({ length: 64 }, (_, x) => (x % 2) * 200))
  const inner = red(resizeBicubic({ width: 64, height: 64 }, 16)(grey(stripes)), 16).map(row => row.slice(2, -2))
  for (const value of inner.flat()) expect(Math.abs(value - 100)).toBeLessThanOrEqual(1)
})
