/** A person on foot, ready for the picture. */

import type { SKRSContext2D } from '@napi-rs/canvas'
import type { Brush } from '../paint.ts'
import { drawFigure, figureLimbs, limbBounds, type PersonLook, type Stance, shadowOfFigure } from './figure.ts'
import type { Fall, Item } from './types.ts'

export function createPersonItem(brush: Pick<Brush, 'camera'>, look: PersonLook, stance: Stance): Item {
  const limbs = figureLimbs(brush, look, stance)
  const [cx, cy] = brush.camera.placement.position
  const away = Math.cos(stance.heading) * (cx - stance.x) + Math.sin(stance.heading) * (cy - stance.y) < 0
  return {
    depth: brush.camera.project(stance.x, stance.y, 0.9)[2],
    bounds: limbBounds(limbs),
    draw: full => drawFigure(full, look, limbs, away),
    castShadow: (ctx: SKRSContext2D, fall: Fall) => shadowOfFigure(ctx, fall, look, stance),
    lights: [],
  }
}
