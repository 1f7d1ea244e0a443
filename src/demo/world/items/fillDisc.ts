/** Wheels as discs in perspective: tyre, rim, and the dark arch above. */

import type { Point3 } from '../createCamera.ts'
import { type Brush, css, fillPolygon, type Rgb, throughAir } from '../paint.ts'

const RING = Array.from(
  { length: 14 },
  (_, i) => [Math.cos((i / 14) * 2 * Math.PI), Math.sin((i / 14) * 2 * Math.PI)] as const,
)

/** A disc that stands on the ground along a heading, with its hub at a point. */
export function discPoints(
  brush: Pick<Brush, 'camera'>,
  hub: Point3,
  heading: number,
  radius: number,
): [number, number, number][] {
  const [cos, sin] = [Math.cos(heading), Math.sin(heading)]
  return RING.map(([a, b]) =>
    brush.camera.project(hub[0] + a * radius * cos, hub[1] + a * radius * sin, hub[2] + b * radius),
  )
}

export function fillDisc(brush: Brush, hub: Point3, heading: number, radius: number, colour: Rgb): void {
  const points = discPoints(brush, hub, heading, radius)
  const depth = points[0]?.[2] ?? 1
  if (depth < 0.5) return
  brush.ctx.fillStyle = css(throughAir(brush, colour, depth))
  fillPolygon(brush.ctx, points)
}
