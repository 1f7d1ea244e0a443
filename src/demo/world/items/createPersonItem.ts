/** Creates the drawable item of a pedestrian. */

import type { SKRSContext2D } from '@napi-rs/canvas'
import type { Brush } from '../paint.ts'
import { drawFigure } from './drawFigure.ts'
import { figureLimbs } from './figureLimbs.ts'
import type { Fall, Item } from './item.ts'
import { limbBounds, type PersonLook, STRIDE_METRES, type Stance } from './limb.ts'

export function createPersonItem({ camera }: Pick<Brush, 'camera'>, look: PersonLook, stance: Stance): Item {
  const limbs = figureLimbs(camera, look, stance)
  const [cx, cy] = camera.placement.position
  const away = Math.cos(stance.heading) * (cx - stance.x) + Math.sin(stance.heading) * (cy - stance.y) < 0
  return {
    depth: camera.project(stance.x, stance.y, 0.9)[2],
    bounds: limbBounds(limbs),
    draw: brush => drawFigure(brush, look, limbs, away),
    castShadow: (ctx, fall) => shadowOfFigure(ctx, fall, look, stance),
    lights: [],
  }
}

/** Legs, trunk and head laid on the ground away from the light. */
function shadowOfFigure(ctx: SKRSContext2D, fall: Fall, look: PersonLook, at: Stance): void {
  const k = look.height / 1.75
  const phase = (at.travelled / (STRIDE_METRES * k)) * 2 * Math.PI
  const [fx, fy] = [Math.cos(at.heading), Math.sin(at.heading)]
  const point = (forward: number, left: number, up: number) =>
    fall([at.x + forward * fx - left * fy, at.y + forward * fy + left * fx, up * k])
  const swing = 0.36 * Math.sin(phase) * at.stride
  const [hip, neck] = [point(0, 0, 0.95), point(0, 0, 1.45)]
  const across =
    Math.hypot(point(0.2, 0, 0)[0] - point(-0.2, 0, 0)[0], point(0, 0.2, 0)[1] - point(0, -0.2, 0)[1]) * 0.9 + 2
  ctx.lineCap = 'round'
  const line = (a: readonly [number, number], b: readonly [number, number], width: number) => {
    ctx.lineWidth = width
    ctx.beginPath()
    ctx.moveTo(a[0], a[1])
    ctx.lineTo(b[0], b[1])
    ctx.stroke()
  }
  line(point(swing, 0.1, 0), hip, across * 0.42)
  line(point(-swing, -0.1, 0), hip, across * 0.42)
  line(hip, neck, across * 0.85)
  line(point(0, 0, 1.55), point(0, 0, 1.68), across * 0.55)
}
