/** The interface of every drawable item. */

import type { SKRSContext2D } from '@napi-rs/canvas'
import type { Point3 } from '../createCamera.ts'
import type { Brush } from '../paint.ts'

/** [left, top, right, bottom] in logical pixels. */
export type Bounds = readonly [number, number, number, number]

/** Where the shadow of a point falls in the image. */
export type Fall = (point: Point3) => readonly [number, number]

export interface Item {
  /** Metres along the optical axis. */
  readonly depth: number
  readonly bounds: Bounds
  draw(brush: Brush): void
  /** Draws its shadow in black. */
  castShadow(ctx: SKRSContext2D, fall: Fall): void
  readonly lights: readonly Glow[]
}

export interface Glow {
  readonly kind: 'head' | 'tail' | 'brake'
  readonly at: Point3
  /** Radians; where it shines. */
  readonly heading: number
}

export function boundsOf(points: readonly (readonly [number, number, ...number[]])[], margin = 0): Bounds {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of points) {
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  return [left - margin, top - margin, right + margin, bottom + margin]
}
