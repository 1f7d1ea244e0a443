import { expect, test } from 'vitest'
import { maskBoxes } from '../../../src/sources/ffmpeg/maskBoxes.ts'
import { maskFilters } from '../../../src/sources/ffmpeg/maskFilters.ts'
import type { Box, Point } from '../../../src/types.ts'
import { isInside } from '../../../src/util/polygon.ts'
import { createRandom } from '../../../src/util/random.ts'

type Polygon = readonly Point[]

/** A row of the raster. */
const ROW = 1 / 512
const MOST = 64

const rectangle = (left: number, top: number, right: number, bottom: number): Polygon => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
]

/** Sides are rounded. */
const EPSILON = 1e-9
const covers = (boxes: readonly Box[], [x, y]: Point) =>
  boxes.some(
    box =>
      Math.abs(x - box.x - box.width / 2) <= box.width / 2 + EPSILON &&
      Math.abs(y - box.y - box.height / 2) <= box.height / 2 + EPSILON,
  )

/** Points on the outline, and those of a grid that lie inside. */
function pointsOf(polygon: Polygon): Point[] {
  const outline = polygon.flatMap(([ax, ay], i) => {
    const [bx, by] = polygon[(i + 1) % polygon.length] as Point
    return Array.from({ length: 10 }, (_, k): Point => [ax + ((bx - ax) * k) / 10, ay + ((by - ay) * k) / 10])
  })
  const grid = Array.from({ length: 2500 }, (_, i): Point => [((i % 50) + 0.37) / 50, (Math.floor(i / 50) + 0.61) / 50])
  return [...outline, ...grid.filter(point => isInside(polygon, point))]
}

function randomPolygon(random: () => number, corners: number): Polygon {
  const [x, y, size] = [random(), random(), 0.05 + random() * 0.4]
  const clamp = (value: number) => Math.min(1, Math.max(0, value))
  // Corners in any order: most of these cross themselves.
  return Array.from(
    { length: corners },
    (): Point => [clamp(x + (random() - 0.5) * size), clamp(y + (random() - 0.5) * size)],
  )
}

test('no masks are no rectangles', () => {
  expect(maskBoxes([])).toEqual([])
  expect(maskFilters([])).toEqual([])
})

test('a rectangle is one, as large to within a row', () => {
  const [box, ...others] = maskBoxes([rectangle(0.1, 0.2, 0.3, 0.5)])
  expect(others).toEqual([])
  expect(box?.x).toBe(0.1)
  expect(box?.width).toBeCloseTo(0.2)
  expect(box?.y).toBeLessThanOrEqual(0.2)
  expect(box?.y).toBeGreaterThan(0.2 - ROW)
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeGreaterThanOrEqual(0.5)
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(0.5 + ROW)
})

test('rectangles beside each other stay whole', () => {
  const boxes = maskBoxes([rectangle(0, 0, 0.2, 0.5), rectangle(0.4, 0.25, 0.6, 0.75)])
  expect(boxes).toHaveLength(2)
})

test('everything is one rectangle', () => {
  expect(maskBoxes([rectangle(0, 0, 1, 1)])).toEqual([{ x: 0, y: 0, width: 1, height: 1 }])
})

test('the opening of a U stays open', () => {
  const u: Polygon = [
    [0.1, 0.1],
    [0.3, 0.1],
    [0.3, 0.7],
    [0.6, 0.7],
    [0.6, 0.1],
    [0.8, 0.1],
    [0.8, 0.9],
    [0.1, 0.9],
  ]
  const boxes = maskBoxes([u])
  expect(covers(boxes, [0.45, 0.4])).toBe(false)
  expect(pointsOf(u).every(point => covers(boxes, point))).toBe(true)
})

test('the middle of a star, and what two crossing halves enclose, are covered', () => {
  const star = Array.from({ length: 5 }, (_, i): Point => {
    const angle = (i * 4 * Math.PI) / 5
    return [0.5 + 0.3 * Math.sin(angle), 0.5 - 0.3 * Math.cos(angle)]
  })
  expect(covers(maskBoxes([star]), [0.5, 0.5])).toBe(true)
})

test('a line covers itself', () => {
  const flat: Polygon = [
    [0.2, 0.5],
    [0.7, 0.5],
    [0.4, 0.5],
  ]
  expect(covers(maskBoxes([flat]), [0.65, 0.5])).toBe(true)
})

test('whatever the polygons, all of them are covered by a bounded number of rectangles', () => {
  const random = createRandom(16).next
  for (let round = 0; round < 16; round++) {
    const corners = round % 4 === 0 ? 100 : 3 + Math.floor(random() * 6)
    const masks = Array.from({ length: 1 + Math.floor(random() * 8) }, () => randomPolygon(random, corners))
    const boxes = maskBoxes(masks)
    expect(boxes.length).toBeLessThanOrEqual(MOST)
    const missed = masks.flatMap(pointsOf).filter(point => !covers(boxes, point))
    expect(missed).toEqual([])
  }
})

test('fewer rectangles cover more, never less', () => {
  const random = createRandom(5).next
  const masks = Array.from({ length: 6 }, () => randomPolygon(random, 7))
  for (const most of [40, 12, 3, 1]) {
    const boxes = maskBoxes(masks, most)
    expect(boxes.length).toBeLessThanOrEqual(most)
    expect(masks.flatMap(pointsOf).filter(point => !covers(boxes, point))).toEqual([])
  }
})

test('a comb of 50 teeth, and 32 masks of 100 corners, still make a short command line', () => {
  const comb = Array.from({ length: 50 }, (_, i): Point => [i / 49, i % 2 === 0 ? 0.1 : 0.8])
  const random = createRandom(9).next
  const many = Array.from({ length: 32 }, () => randomPolygon(random, 100))
  for (const masks of [[[...comb, [1, 0.9], [0, 0.9]] as Polygon], many]) {
    const boxes = maskBoxes(masks)
    expect(boxes.length).toBeLessThanOrEqual(MOST)
    expect(masks.flatMap(pointsOf).filter(point => !covers(boxes, point))).toEqual([])
    expect(maskFilters(masks).join().length).toBeLessThan(10_000)
  }
})

test('a filter reaches two pixels and 1/256 further, and ends where a block of colour does', () => {
  expect(maskFilters([rectangle(0.25, 0.5, 0.5, 1)])).toEqual([
    'drawbox=x=4*floor((iw*0.24609-2)/4):y=4*floor((ih*0.49609-2)/4):' +
      'w=4*ceil((iw*0.50391+2)/4)-x:h=4*ceil((ih*1+2)/4)-y:color=black:t=fill',
  ])
})
