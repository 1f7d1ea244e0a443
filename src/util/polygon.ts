/** Geometry of zones and masks in fractions of an image. */

import type { Box, Point } from '../types.ts'

export const WHOLE_IMAGE: Box = { x: 0, y: 0, width: 1, height: 1 }

/** A zone's view shows so much around the zone on each side, in fractions of the zone's own size: what lies in it needs a place. */
const MARGIN = 0.1
/** Smaller views would show a few source pixels. */
const LEAST_SIDE = 0.05
/**
 * Width / height of a zone's view in fractions of the image. A square view of a 16:9 camera has 0.56, and the whole image 1;
 * beyond this range the model would see the zone more distorted than it ever sees an image.
 */
const [NARROWEST, WIDEST] = [0.5, 1]

/** The part of the image that a zone's view shows. */
export function zoneBox(polygon: readonly Point[]): Box {
  const { x, y, width, height } = boundsOf(polygon)
  const wide = Math.max(LEAST_SIDE, width * (1 + 2 * MARGIN), height * (1 + 2 * MARGIN) * NARROWEST)
  const high = Math.max(LEAST_SIDE, height * (1 + 2 * MARGIN), wide / WIDEST)
  return inImage({ x: x + (width - wide) / 2, y: y + (height - high) / 2, width: wide, height: high })
}

/** The smallest box around all corners. */
export function boundsOf(polygon: readonly Point[]): Box {
  const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)]
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  return { x: left, y: top, width: Math.max(...xs) - left, height: Math.max(...ys) - top }
}

/** Moved into the image, and cut where it is larger. */
function inImage({ x, y, width, height }: Box): Box {
  const [wide, high] = [Math.min(1, width), Math.min(1, height)]
  return { x: clamp(x, 1 - wide), y: clamp(y, 1 - high), width: wide, height: high }
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value))
}

/** Whether a point lies inside, by the even-odd rule. */
export function isInside(polygon: readonly Point[], [x, y]: Point): boolean {
  let inside = false
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [ax, ay] = polygon[i] as Point
    const [bx, by] = polygon[j] as Point
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside
  }
  return inside
}

/** Points per side at which an overlap is measured: exact to about a hundredth. */
const SAMPLES = 12

/** Fraction of a box that lies inside a polygon, [0, 1]. */
export function fractionInside(polygon: readonly Point[], { x, y, width, height }: Box): number {
  let count = 0
  for (let row = 0; row < SAMPLES; row++)
    for (let column = 0; column < SAMPLES; column++)
      if (isInside(polygon, [x + ((column + 0.5) * width) / SAMPLES, y + ((row + 0.5) * height) / SAMPLES])) count += 1
  return count / SAMPLES ** 2
}

/** Of a polygon that does not cross itself. */
export function polygonArea(polygon: readonly Point[]): number {
  const last = polygon.length - 1
  const doubled = polygon.reduce((sum, [x, y], index) => {
    const [beforeX, beforeY] = polygon[index === 0 ? last : index - 1] as Point
    return sum + beforeX * y - x * beforeY
  }, 0)
  return Math.abs(doubled) / 2
}

/** Rows in which a cover is measured: exact to about a hundredth. */
const COVER_ROWS = 100

type Span = readonly [from: number, to: number]

/** Whether the other polygons cover this fraction of a polygon together. */
export function isCovered(polygon: readonly Point[], covers: readonly (readonly Point[])[], fraction: number): boolean {
  const near = covers.map(cover => sharedArea(boundsOf(polygon), boundsOf(cover)))
  // Most are not near: measuring takes long where a file has thousands of polygons.
  if (near.reduce((sum, area) => sum + area, 0) < fraction * polygonArea(polygon)) return false
  return fractionCovered(polygon, covers) >= fraction
}

function sharedArea(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return Math.max(0, width) * Math.max(0, height)
}

/** Fraction of a polygon that lies under at least one of the others, [0, 1]. */
export function fractionCovered(polygon: readonly Point[], covers: readonly (readonly Point[])[]): number {
  const { y, height } = boundsOf(polygon)
  let [inside, covered] = [0, 0]
  for (let row = 0; row < COVER_ROWS; row++) {
    const at = y + ((row + 0.5) * height) / COVER_ROWS
    const under = joined(covers.flatMap(cover => spansAt(cover, at)))
    for (const [from, to] of spansAt(polygon, at)) {
      inside += to - from
      for (const [first, last] of under) covered += Math.max(0, Math.min(to, last) - Math.max(from, first))
    }
  }
  return inside === 0 ? 0 : covered / inside
}

/** What of a horizontal line lies inside, by the even-odd rule. */
function spansAt(polygon: readonly Point[], y: number): Span[] {
  const crossings = polygon.flatMap(([bx, by], i) => {
    const [ax, ay] = polygon.at(i - 1) as Point
    return ay > y === by > y ? [] : [ax + ((y - ay) / (by - ay)) * (bx - ax)]
  })
  const sorted = crossings.sort((a, b) => a - b)
  return sorted.flatMap((from, i): Span[] => (i % 2 === 0 ? [[from, sorted[i + 1] ?? from]] : []))
}

/** The same places, each once. */
function joined(spans: readonly Span[]): Span[] {
  const apart: Span[] = []
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = apart.at(-1)
    if (last !== undefined && from <= last[1]) apart[apart.length - 1] = [last[0], Math.max(last[1], to)]
    else apart.push([from, to])
  }
  return apart
}
