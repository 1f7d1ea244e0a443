/** A cyclist: two wheels, a frame and a rider whose legs turn the cranks. */

import type { Point3 } from '../createCamera.ts'
import { type Brush, css, type Rgb, scale, throughAir } from '../paint.ts'
import type { ActorState, Body } from '../script/actor.ts'
import { drawFigure } from './drawFigure.ts'
import { discPoints } from './fillDisc.ts'
import { boundsOf, type Item } from './item.ts'
import type { Limb } from './limb.ts'

const [WHEEL, AXLES] = [0.34, [0.53, -0.53] as const]

export function createBicycleItem(
  brush: Pick<Brush, 'camera'>,
  body: Extract<Body, { form: 'bicycle' }>,
  at: ActorState,
): Item {
  const { camera } = brush
  const [fx, fy] = [Math.cos(at.heading), Math.sin(at.heading)]
  const place = (x: number, y: number, z: number): Point3 => [at.x + x * fx - y * fy, at.y + x * fy + y * fx, z]
  const [cx, cy] = camera.placement.position
  const nearSide = (cx - at.x) * -fy + (cy - at.y) * fx > 0 ? 1 : -1
  const limbs = riderLimbs(camera, place, at.travelled * 1.6, nearSide)
  const wheels = AXLES.map(x => discPoints(brush, place(x, 0, WHEEL), at.heading, WHEEL))
  const points = [
    ...wheels.flat(),
    ...limbs.flatMap(
      ({ from, to, radius }) =>
        [
          [from[0], from[1] - radius],
          [to[0], to[1] + radius],
          [from[0] - radius, from[1]],
          [from[0] + radius, from[1]],
        ] as const,
    ),
  ]
  return {
    depth: camera.project(at.x, at.y, 0.8)[2],
    bounds: boundsOf(points, 2),
    draw: full => {
      const farLeg = limbs.filter(limb => limb.side === -nearSide)
      drawFigure(full, body.look, farLeg, false)
      drawFrame(full, place, wheels, body.frame)
      drawFigure(
        full,
        body.look,
        limbs.filter(limb => limb.side !== -nearSide),
        (cx - at.x) * fx + (cy - at.y) * fy < 0,
      )
    },
    castShadow: (ctx, fall) => {
      ctx.lineCap = 'round'
      ctx.lineWidth = 3
      for (const x of AXLES) {
        ctx.beginPath()
        for (let i = 0; i <= 10; i++) {
          const angle = (i / 10) * 2 * Math.PI
          const [u, v] = fall(place(x + WHEEL * Math.cos(angle), 0, WHEEL + WHEEL * Math.sin(angle)))
          if (i === 0) ctx.moveTo(u, v)
          else ctx.lineTo(u, v)
        }
        ctx.stroke()
      }
      ctx.lineWidth = 8
      ctx.beginPath()
      ctx.moveTo(...(fall(place(-0.15, 0, 0.6)) as [number, number]))
      ctx.lineTo(...(fall(place(-0.2, 0, 1.0)) as [number, number]))
      ctx.lineTo(...(fall(place(0.12, 0, 1.5)) as [number, number]))
      ctx.stroke()
    },
    lights: [
      { kind: 'head', at: place(0.6, 0, 0.85), heading: at.heading },
      { kind: 'tail', at: place(-0.7, 0, 0.7), heading: at.heading + Math.PI },
    ],
  }
}

function riderLimbs(
  camera: Brush['camera'],
  place: (x: number, y: number, z: number) => Point3,
  turn: number,
  nearSide: number,
): Limb[] {
  const limbs: Limb[] = []
  const limb = (name: Limb['name'], side: number, a: Point3, b: Point3, ra: number, rb = ra) => {
    const [from, to] = [camera.project(...a), camera.project(...b)]
    limbs.push({
      name,
      side: side as Limb['side'],
      from,
      to,
      radius: ra * camera.scaleAt(from[2]),
      endRadius: rb * camera.scaleAt(to[2]),
    })
  }
  for (const side of [-nearSide, nearSide]) {
    const angle = turn + (side > 0 ? 0 : Math.PI)
    const foot: readonly [number, number] = [0.02 + 0.17 * Math.cos(angle), 0.3 - 0.17 * Math.sin(angle)]
    const hip: readonly [number, number] = [-0.2, 0.95]
    const knee = bendForward(hip, foot, 0.42)
    limb('arm', side, place(0.12, 0.19 * side, 1.38), place(0.28, 0.22 * side, 1.15), 0.06, 0.05)
    limb('forearm', side, place(0.28, 0.22 * side, 1.15), place(0.46, 0.2 * side, 1.02), 0.048, 0.04)
    limb('hand', side, place(0.46, 0.2 * side, 1.02), place(0.46, 0.2 * side, 1.02), 0.045)
    limb('leg', side, place(hip[0], 0.09 * side, hip[1]), place(knee[0], 0.1 * side, knee[1]), 0.09, 0.07)
    limb('shin', side, place(knee[0], 0.1 * side, knee[1]), place(foot[0], 0.1 * side, foot[1] + 0.06), 0.066, 0.05)
    limb('shoe', side, place(foot[0] - 0.04, 0.1 * side, foot[1]), place(foot[0] + 0.14, 0.1 * side, foot[1]), 0.045)
  }
  limb('torso', 0, place(0.1, 0, 1.36), place(-0.19, 0, 0.98), 0.165, 0.15)
  limb('head', 0, place(0.22, 0, 1.62), place(0.22, 0, 1.58), 0.108, 0.09)
  limb('hair', 0, place(0.2, 0, 1.67), place(0.16, 0, 1.62), 0.106)
  return limbs
}

/** The knee between hip and foot, both bones of one length, bent to the front. */
function bendForward(
  hip: readonly [number, number],
  foot: readonly [number, number],
  bone: number,
): readonly [number, number] {
  const [dx, dz] = [foot[0] - hip[0], foot[1] - hip[1]]
  const d = Math.hypot(dx, dz)
  const out = Math.sqrt(Math.max(0, bone * bone - (d * d) / 4))
  return [hip[0] + dx / 2 + (-dz / d) * out, hip[1] + dz / 2 + (dx / d) * out]
}

function drawFrame(
  brush: Brush,
  place: (x: number, y: number, z: number) => Point3,
  wheels: readonly (readonly [number, number, number])[][],
  frame: Rgb,
): void {
  const { ctx, camera } = brush
  const depth = wheels[0]?.[0]?.[2] ?? 10
  const width = camera.scaleAt(depth)
  ctx.lineCap = 'round'
  ctx.strokeStyle = css(throughAir(brush, [32, 32, 34], depth))
  ctx.lineWidth = Math.max(0.9, width * 0.055)
  for (const wheel of wheels) {
    ctx.beginPath()
    wheel.forEach(([u, v], i) => {
      if (i === 0) ctx.moveTo(u, v)
      else ctx.lineTo(u, v)
    })
    ctx.closePath()
    ctx.stroke()
  }
  ctx.strokeStyle = css(throughAir(brush, scale(frame, 0.95), depth))
  ctx.lineWidth = Math.max(1, width * 0.06)
  const tube = (...points: (readonly [number, number])[]) => {
    ctx.beginPath()
    points.forEach(([x, z], i) => {
      const [u, v] = camera.project(...place(x, 0, z))
      if (i === 0) ctx.moveTo(u, v)
      else ctx.lineTo(u, v)
    })
    ctx.stroke()
  }
  tube([-0.53, WHEEL], [-0.02, 0.3], [0.42, 0.78], [-0.2, 0.78], [-0.53, WHEEL])
  tube([-0.02, 0.3], [-0.22, 0.9])
  tube([0.53, WHEEL], [0.4, 0.98], [0.46, 1.02])
}
