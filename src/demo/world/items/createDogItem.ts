/** A dog: trunk, head, tail and four legs that trot. */

import type { Point3 } from '../createCamera.ts'
import { type Brush, css, type Rgb, scale, throughAir } from '../paint.ts'
import type { ActorState, Body } from '../script/actor.ts'
import { boundsOf, type Item } from './item.ts'

interface Bone {
  readonly a: readonly [number, number, number]
  readonly b: readonly [number, number, number]
  readonly radius: number
  readonly dim: number
}

export function createDogItem(
  brush: Pick<Brush, 'camera'>,
  body: Extract<Body, { form: 'dog' }>,
  at: ActorState,
): Item {
  const { camera } = brush
  const k = body.size
  const [fx, fy] = [Math.cos(at.heading), Math.sin(at.heading)]
  const place = (x: number, y: number, z: number): Point3 => [
    at.x + (x * fx - y * fy) * k,
    at.y + (x * fy + y * fx) * k,
    z * k,
  ]
  const [cx, cy] = camera.placement.position
  const nearSide = (cx - at.x) * -fy + (cy - at.y) * fx > 0 ? 1 : -1
  const phase = (at.travelled / (0.75 * k)) * 2 * Math.PI
  const bones: Bone[] = []
  const bone = (a: Point3, b: Point3, radius: number, dim = 1) => {
    const from = camera.project(...a)
    bones.push({ a: from, b: camera.project(...b), radius: radius * k * camera.scaleAt(from[2]), dim })
  }
  for (const side of [-nearSide, nearSide]) {
    const dim = side === nearSide ? 0.95 : 0.66
    for (const [x, shift] of [
      [0.24, 0],
      [-0.26, Math.PI],
    ] as const) {
      const swing = 0.16 * Math.sin(phase + shift + (side > 0 ? 0 : Math.PI))
      bone(place(x, 0.09 * side, 0.36), place(x + swing * 0.4, 0.09 * side, 0.2), 0.06, dim)
      bone(place(x + swing * 0.4, 0.09 * side, 0.2), place(x + swing, 0.09 * side, 0.04), 0.04, dim)
    }
  }
  bone(place(-0.32, 0, 0.46), place(-0.56, 0.06 * Math.sin(phase), 0.62), 0.035)
  bone(place(-0.27, 0, 0.43), place(0.24, 0, 0.45), 0.145)
  bone(place(0.27, 0, 0.5), place(0.4, 0, 0.62), 0.085)
  bone(place(0.42, 0, 0.66), place(0.45, 0, 0.65), 0.1)
  bone(place(0.48, 0, 0.63), place(0.6, 0, 0.6), 0.055, 0.86)
  bone(place(0.37, 0.07 * nearSide, 0.76), place(0.34, 0.09 * nearSide, 0.66), 0.035, 0.6)
  return {
    depth: camera.project(at.x, at.y, 0.3)[2],
    bounds: boundsOf(
      bones.flatMap(
        ({ a, b, radius }) =>
          [
            [a[0] - radius, a[1] - radius],
            [a[0] + radius, a[1] + radius],
            [b[0] - radius, b[1] - radius],
            [b[0] + radius, b[1] + radius],
          ] as const,
      ),
    ),
    draw: full => {
      for (const each of bones) drawBone(full, each, body.coat)
    },
    castShadow: (ctx, fall) => {
      ctx.lineCap = 'round'
      ctx.lineWidth = 0.24 * k * camera.scaleAt(camera.project(at.x, at.y, 0)[2])
      ctx.beginPath()
      ctx.moveTo(...(fall(place(-0.3, 0, 0.3)) as [number, number]))
      ctx.lineTo(...(fall(place(0.45, 0, 0.4)) as [number, number]))
      ctx.stroke()
    },
    lights: [],
  }
}

function drawBone(brush: Brush, { a, b, radius, dim }: Bone, coat: Rgb): void {
  const { ctx } = brush
  const paint = (style: string, width: number, lift: number) => {
    ctx.strokeStyle = style
    ctx.lineWidth = Math.max(0.8, width)
    ctx.beginPath()
    ctx.moveTo(a[0], a[1] - lift)
    ctx.lineTo(b[0] + 0.01, b[1] - lift)
    ctx.stroke()
  }
  ctx.lineCap = 'round'
  paint(css(throughAir(brush, scale(coat, dim * 0.85), a[2])), radius * 2, 0)
  if (radius > 1.5) paint(css(throughAir(brush, scale(coat, dim * 1.15), a[2])), radius * 1.1, radius * 0.4)
}
