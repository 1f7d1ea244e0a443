import { describe, expect, test } from 'vitest'
import type { Point } from '../../src/types.ts'
import {
  boundsOf,
  fractionCovered,
  fractionInside,
  isCovered,
  isInside,
  polygonArea,
  WHOLE_IMAGE,
  zoneBox,
} from '../../src/util/polygon.ts'

const TRIANGLE: readonly Point[] = [
  [0.2, 0.2],
  [0.6, 0.2],
  [0.2, 0.6],
]
const square = (x: number, y: number, side: number): readonly Point[] => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
]

describe('polygons', () => {
  test('a triangle has its bounds, and half of them lies inside', () => {
    const bounds = boundsOf(TRIANGLE)
    expect(bounds.x).toBeCloseTo(0.2)
    expect(bounds.width).toBeCloseTo(0.4)
    expect(fractionInside(TRIANGLE, bounds)).toBeCloseTo(0.5, 1)
    expect(isInside(TRIANGLE, [0.3, 0.3])).toBe(true)
    expect(isInside(TRIANGLE, [0.5, 0.5])).toBe(false)
  })

  test('a concave polygon has a hole in its bounds', () => {
    const u: readonly Point[] = [
      [0, 0],
      [0.3, 0],
      [0.3, 0.7],
      [0.7, 0.7],
      [0.7, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ]
    expect(isInside(u, [0.5, 0.3])).toBe(false)
    expect(isInside(u, [0.5, 0.8])).toBe(true)
  })

  test('a box outside shares nothing, a box inside all', () => {
    expect(fractionInside(square(0, 0, 0.3), { x: 0.5, y: 0.5, width: 0.2, height: 0.2 })).toBe(0)
    expect(fractionInside(square(0, 0, 0.9), { x: 0.1, y: 0.1, width: 0.2, height: 0.2 })).toBe(1)
  })
})

describe('areas', () => {
  test('of a triangle, in both directions', () => {
    expect(polygonArea(TRIANGLE)).toBeCloseTo(0.08)
    expect(polygonArea(TRIANGLE.toReversed())).toBeCloseTo(0.08)
  })

  test.each([
    ['nothing', [], 0],
    ['one elsewhere', [square(0.5, 0.5, 0.5)], 0],
    ['a half', [square(0, 0, 0.3)], 0.5],
    ['two that overlap count once', [square(0, 0, 0.3), square(0, 0, 0.3)], 0.5],
    ['two halves', [square(0, 0, 0.3), square(0.3, 0, 0.3)], 1],
  ])('covered by others: %s', (_, covers, expected) => {
    const polygon: readonly Point[] = [
      [0.2, 0],
      [0.4, 0],
      [0.4, 0.2],
      [0.2, 0.2],
    ]
    expect(fractionCovered(polygon, covers)).toBeCloseTo(expected, 2)
    expect(isCovered(polygon, covers, 0.4)).toBe(expected >= 0.4)
    expect(isCovered(polygon, covers, 0.6)).toBe(expected >= 0.6)
  })
})

describe('the view of a zone', () => {
  test('shows the zone with a margin', () => {
    const box = zoneBox(square(0.4, 0.4, 0.2))
    expect(box.x).toBeCloseTo(0.38)
    expect(box.width).toBeCloseTo(0.24)
    expect(box.height).toBeCloseTo(0.24)
  })

  test.each([
    ['in the corner', square(0, 0, 0.2)],
    ['at the far edge', square(0.9, 0.9, 0.1)],
    ['over everything', square(0, 0, 1)],
    [
      'a line',
      [
        [0.1, 0.5],
        [0.9, 0.5],
        [0.5, 0.5],
      ] as readonly Point[],
    ],
  ])('stays in the image: %s', (_, polygon) => {
    const { x, y, width, height } = zoneBox(polygon)
    expect(x).toBeGreaterThanOrEqual(0)
    expect(y).toBeGreaterThanOrEqual(0)
    expect(x + width).toBeLessThanOrEqual(1 + 1e-9)
    expect(y + height).toBeLessThanOrEqual(1 + 1e-9)
    expect(width / height).toBeGreaterThanOrEqual(0.5 - 1e-9)
    expect(width / height).toBeLessThanOrEqual(1 + 1e-9)
  })

  test('everything is the whole image', () => {
    expect(zoneBox(square(0, 0, 1))).toEqual(WHOLE_IMAGE)
  })
})
