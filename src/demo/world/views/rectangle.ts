/** Ground pieces along the axes. */

import type { Point2 } from '../createCamera.ts'

/** @param x from left to right. @param y from near to far. */
export function rectangle(x: Point2, y: Point2): Point2[] {
  return [
    [x[0], y[0]],
    [x[1], y[0]],
    [x[1], y[1]],
    [x[0], y[1]],
  ]
}
