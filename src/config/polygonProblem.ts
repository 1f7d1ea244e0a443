/** Finds what is wrong with a polygon that a user wrote. */

import type { Point } from '../types.ts'
import { polygonArea } from '../util/polygon.ts'

export interface PolygonProblem {
  /** Index of the corner, then 0 for x or 1 for y; shorter where the problem is a corner or the whole polygon. */
  readonly path: number[]
  readonly message: string
}

/** Fraction of the image. A hundredth of the width times a hundredth of the height: 19x11 pixels of 1080p. */
const LEAST_AREA = 0.0001
/** The rounding of coordinates near 1, several times over. */
const EPSILON = 1e-12

/** The first problem; null for a polygon that can be used. */
export function polygonProblem(value: unknown, mostCorners: number): PolygonProblem | null {
  if (!Array.isArray(value)) return whole(`Expected a list of corners [x, y], got ${kindOf(value)}`)
  if (value.length < 3) return whole(`Expected at least 3 corners, got ${value.length}`)
  if (value.length > mostCorners)
    return whole(
      `Expected at most ${mostCorners} corners, got ${value.length}: leave out corners that lie close together`,
    )
  for (const [index, corner] of value.entries()) {
    const problem = cornerProblem(corner)
    if (problem) return { ...problem, path: [index, ...problem.path] }
  }
  const polygon = value as readonly Point[]
  return repetition(polygon) ?? turn(polygon) ?? crossing(polygon) ?? areaProblem(polygon)
}

function whole(message: string): PolygonProblem {
  return { path: [], message }
}

function cornerProblem(corner: unknown): PolygonProblem | null {
  if (!Array.isArray(corner) || corner.length !== 2) {
    const got = Array.isArray(corner) ? `a list of ${corner.length}` : kindOf(corner)
    return whole(`Expected a corner [x, y], got ${got}`)
  }
  for (const [axis, value] of corner.entries()) {
    const message = coordinateProblem(value, axis === 0 ? 'x' : 'y')
    if (message !== null) return { path: [axis], message }
  }
  return null
}

function coordinateProblem(value: unknown, axis: 'x' | 'y'): string | null {
  if (typeof value !== 'number' || !Number.isFinite(value))
    return `Expected \`${axis}\` to be a number from 0 to 1, got ${kindOf(value)}`
  if (value < 0) return `Expected \`${axis}\` to be at least 0, the ${axis === 'x' ? 'left' : 'top'} edge, got ${value}`
  if (value <= 1) return null
  if (value < 2)
    return `Expected \`${axis}\` to be at most 1, the ${axis === 'x' ? 'right' : 'bottom'} edge, got ${value}`
  const side = axis === 'x' ? 'width' : 'height'
  return `Expected fractions of the image, such as 0.5, got ${value}: divide by the ${side}`
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a map' : typeof value === 'number' ? String(value) : `a ${typeof value}`
}

/** The outline closes by itself, so the first corner is not repeated either. */
function repetition(polygon: readonly Point[]): PolygonProblem | null {
  for (const [index, [x, y]] of polygon.entries()) {
    const first = polygon.findIndex(other => other[0] === x && other[1] === y)
    if (first === index) continue
    const closes = first === 0 && index === polygon.length - 1
    const advice = closes ? 'leave it out, the outline closes by itself' : 'leave it out'
    return { path: [index], message: `Corner ${index + 1} is the same as corner ${first + 1}: ${advice}` }
  }
  return null
}

function turn(polygon: readonly Point[]): PolygonProblem | null {
  const index = polygon.findIndex((corner, i) =>
    turnsBack(polygon.at(i - 1) as Point, corner, polygon[(i + 1) % polygon.length] as Point),
  )
  if (index === -1) return null
  return {
    path: [index],
    message: `The outline turns back on itself at corner ${index + 1}: move this corner or leave it out`,
  }
}

function crossing(polygon: readonly Point[]): PolygonProblem | null {
  const count = polygon.length
  const at = (index: number) => polygon[index % count] as Point
  for (let i = 0; i < count; i++)
    // Neighbours share a corner, as the last line and the first do.
    for (let j = i + 2; j < count - (i === 0 ? 1 : 0); j++)
      if (touch(at(i), at(i + 1), at(j), at(j + 1)))
        return whole(
          `The outline crosses itself: the line from corner ${i + 1} to ${i + 2} meets the one from ${j + 1} to ${((j + 1) % count) + 1}; list the corners in order around the outline`,
        )
  return null
}

/** Whether the lines into and out of a corner lie on each other. */
function turnsBack(before: Point, corner: Point, after: Point): boolean {
  const [ax, ay] = [before[0] - corner[0], before[1] - corner[1]]
  const [bx, by] = [after[0] - corner[0], after[1] - corner[1]]
  return Math.abs(ax * by - ay * bx) <= EPSILON && ax * bx + ay * by > 0
}

/** Whether two lines have a point in common, ends included. */
function touch(a: Point, b: Point, c: Point, d: Point): boolean {
  const [abc, abd, cda, cdb] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)]
  if (abc !== abd && cda !== cdb && abc * abd <= 0 && cda * cdb <= 0) return true
  return (
    (abc === 0 && isBetween(a, b, c)) ||
    (abd === 0 && isBetween(a, b, d)) ||
    (cda === 0 && isBetween(c, d, a)) ||
    (cdb === 0 && isBetween(c, d, b))
  )
}

/** 1: `point` lies to one side of the line through a and b; −1: to the other; 0: on it. */
function side(a: Point, b: Point, point: Point): number {
  const cross = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
  return Math.abs(cross) <= EPSILON ? 0 : Math.sign(cross)
}

/** For a point on the line through a and b. */
function isBetween(a: Point, b: Point, [x, y]: Point): boolean {
  return (
    x >= Math.min(a[0], b[0]) && x <= Math.max(a[0], b[0]) && y >= Math.min(a[1], b[1]) && y <= Math.max(a[1], b[1])
  )
}

function areaProblem(polygon: readonly Point[]): PolygonProblem | null {
  const area = polygonArea(polygon)
  if (area >= LEAST_AREA) return null
  return whole(
    `Expected an area of at least ${LEAST_AREA} of the image, got ${Number(area.toPrecision(2))}: a zone or mask this small covers a few pixels`,
  )
}
