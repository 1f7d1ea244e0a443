/** A way that begins earlier and ends later: in a far view the ends of a near view's ways would be seen. */

import type { Point2 } from '../createCamera.ts'

/** Continues straight. @param before metres before the first point. @param after metres behind the last. */
export function extended(points: readonly Point2[], before: number, after: number): Point2[] {
  const [first, second] = [points[0] as Point2, points[1] as Point2]
  const [last, previous] = [points.at(-1) as Point2, points.at(-2) as Point2]
  const start = before > 0 ? [beyond(second, first, before)] : []
  const end = after > 0 ? [beyond(previous, last, after)] : []
  return [...start, ...points, ...end]
}

function beyond(from: Point2, to: Point2, metres: number): Point2 {
  const k = metres / Math.hypot(to[0] - from[0], to[1] - from[1])
  return [to[0] + (to[0] - from[0]) * k, to[1] + (to[1] - from[1]) * k]
}
