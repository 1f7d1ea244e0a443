/** Creates the drawable item of a vehicle: body, wheels, lights and shadow. */

import type { Point3 } from '../createCamera.ts'
import { type Brush, css, fillPolygon, type Rgb, throughAir } from '../paint.ts'
import type { ActorState, Body } from '../script/actor.ts'
import { createVehicleShape } from './createVehicleShape.ts'
import { drawParts } from './drawParts.ts'
import { fillDisc } from './fillDisc.ts'
import { boundsOf, type Glow, type Item } from './item.ts'
import type { VehicleShape } from './vehicleShape.ts'

const BRAKE_RED: Rgb = [255, 46, 36]
const ARCH: Rgb = [20, 20, 22]
const HUB: Rgb = [70, 72, 76]

export function createVehicleItem(
  brush: Pick<Brush, 'camera'>,
  body: Extract<Body, { form: 'vehicle' }>,
  at: ActorState,
): Item {
  const shape = createVehicleShape(body.vehicle, body.style)
  const [cos, sin] = [Math.cos(at.heading), Math.sin(at.heading)]
  const place = (x: number, y: number, z: number): Point3 => [at.x + x * cos - y * sin, at.y + x * sin + y * cos, z]
  const { camera } = brush
  const [cx, cy] = camera.placement.position
  const nearSide = (cx - at.x) * -sin + (cy - at.y) * cos > 0 ? 1 : -1
  const outline = shape.corners.map(([x, y, z]) => camera.project(...place(x, y, z)))
  const soles = shape.axles.flatMap(x => [1, -1].map(side => camera.project(...place(x, (side * shape.width) / 2, 0))))
  const lights: Glow[] =
    at.action === 'parked'
      ? []
      : [
          ...shape.headlights.map((p): Glow => ({ kind: 'head', at: place(...p), heading: at.heading })),
          ...shape.taillights.map(
            (p): Glow => ({ kind: at.braking ? 'brake' : 'tail', at: place(...p), heading: at.heading + Math.PI }),
          ),
        ]
  const { axles, wheelRadius: r } = shape
  const disc = (
    full: Brush,
    x: number,
    side: number,
    radius: number,
    colour: Rgb,
    [out, up]: readonly [number, number],
  ) => fillDisc(full, place(x, side * (shape.width / 2 + out), r + up), at.heading, radius, colour)
  const farWheels = (full: Brush) => {
    for (const x of axles) disc(full, x, -nearSide, r, body.palette.tyre, [0.02, 0])
  }
  const nearWheels = (full: Brush) => {
    for (const x of axles) {
      disc(full, x, nearSide, r * 1.16, ARCH, [0.015, 0.04])
      disc(full, x, nearSide, r, body.palette.tyre, [0.02, 0])
      disc(full, x, nearSide, r * 0.62, body.palette.rim, [0.03, 0])
      disc(full, x, nearSide, r * 0.2, HUB, [0.03, 0])
    }
  }
  return {
    depth: camera.project(at.x, at.y, 0.8)[2],
    bounds: boundsOf([...outline, ...soles], 1),
    draw: full => {
      farWheels(full)
      drawParts(
        full,
        shape.parts,
        at,
        at.braking ? { ...body.palette, tail: BRAKE_RED } : body.palette,
        lights.length > 0,
      )
      nearWheels(full)
      drawMirror(full, shape, place, nearSide)
    },
    castShadow: (ctx, fall) => {
      const top = shape.height * 0.94
      const [l, w] = [shape.length / 2, shape.width / 2]
      const points = [
        [l, w],
        [l, -w],
        [-l, -w],
        [-l, w],
      ].flatMap(([x, y]) => {
        const [px, py] = [x as number, y as number]
        return [fall(place(px, py, 0)), fall(place(px * 0.75, py * 0.85, top)), fall(place(px, py, top * 0.6))]
      })
      fillPolygon(ctx, hull(points))
    },
    lights,
  }
}

function drawMirror(
  brush: Brush,
  shape: VehicleShape,
  place: (x: number, y: number, z: number) => Point3,
  side: number,
): void {
  const x = shape.axles[0] ? shape.axles[0] - 0.75 : 0.6
  if (shape.height > 2) return
  const [u, v, depth] = brush.camera.project(...place(x, side * (shape.width / 2 + 0.09), 1.0))
  if (depth < 1) return
  const r = 0.085 * brush.camera.scaleAt(depth)
  brush.ctx.fillStyle = css(throughAir(brush, [48, 50, 54], depth))
  brush.ctx.beginPath()
  brush.ctx.ellipse(u, v, r, r * 0.72, 0, 0, 2 * Math.PI)
  brush.ctx.fill()
}

/** Convex hull by Andrew's monotone chain. */
function hull(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const half = (input: typeof sorted) => {
    const chain: (readonly [number, number])[] = []
    for (const p of input) {
      for (let a = chain.at(-2), b = chain.at(-1); a && b && cross(a, b, p) <= 0; a = chain.at(-2), b = chain.at(-1))
        chain.pop()
      chain.push(p)
    }
    return chain.slice(0, -1)
  }
  return [...half(sorted), ...half(sorted.reverse())]
}

function cross(a: readonly [number, number], b: readonly [number, number], c: readonly [number, number]): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}
