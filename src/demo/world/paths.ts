/** Polylines on the ground, parameterised by arc length. */

import type { Point2 } from './createCamera.ts'

export interface Path {
  readonly length: number
  /** The point at s metres; before 0 and past the end the path continues straight. */
  at(s: number): Point2
  /** Radians; direction (cos, sin). */
  headingAt(s: number): number
}

/** @param points at least two; corners are walked as they are. */
export function createPath(points: readonly Point2[]): Path {
  const pieces: { from: number; length: number; x: number; y: number; dx: number; dy: number }[] = []
  let from = 0
  for (let i = 1; i < points.length; i++) {
    const [ax, ay] = points[i - 1] as Point2
    const [bx, by] = points[i] as Point2
    const length = Math.hypot(bx - ax, by - ay)
    if (length < 1e-6) continue
    pieces.push({ from, length, x: ax, y: ay, dx: (bx - ax) / length, dy: (by - ay) / length })
    from += length
  }
  if (pieces.length === 0) throw new RangeError('Expected `points` to hold two different points')
  const pieceAt = (s: number) => {
    let found = pieces[0] as (typeof pieces)[number]
    for (const piece of pieces) if (piece.from <= s) found = piece
    return found
  }
  return {
    length: from,
    at: s => {
      const piece = pieceAt(s)
      return [piece.x + piece.dx * (s - piece.from), piece.y + piece.dy * (s - piece.from)]
    },
    headingAt: s => {
      const piece = pieceAt(s)
      return Math.atan2(piece.dy, piece.dx)
    },
  }
}

/** Rounds every corner with an arc-like curve that starts `radius` metres before it. */
export function rounded(points: readonly Point2[], radius: number): Point2[] {
  const result: Point2[] = []
  points.forEach((corner, i) => {
    const [before, after] = [points[i - 1], points[i + 1]]
    if (!before || !after) {
      result.push(corner)
      return
    }
    const start = toward(corner, before, radius)
    const end = toward(corner, after, radius)
    for (let k = 0; k <= 6; k++) {
      const t = k / 6
      const [a, b, c] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t]
      result.push([a * start[0] + b * corner[0] + c * end[0], a * start[1] + b * corner[1] + c * end[1]])
    }
  })
  return result
}

function toward(from: Point2, to: Point2, distance: number): Point2 {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1])
  const k = Math.min(distance, length / 2) / Math.max(length, 1e-6)
  return [from[0] + (to[0] - from[0]) * k, from[1] + (to[1] - from[1]) * k]
}
