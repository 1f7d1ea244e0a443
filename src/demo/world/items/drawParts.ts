/** Draws solids made of flat faces: rotated, projected, shaded by the sun, back to front. */

import type { Point3 } from '../createCamera.ts'
import { type Brush, css, fillPolygon, lambert, type Rgb, scale, throughAir } from '../paint.ts'
import { type Face, type Material, normalOf, type Part } from './faces.ts'

export interface Placement {
  readonly x: number
  readonly y: number
  readonly heading: number
}

export type Palette = Readonly<Record<Material, Rgb>>

/** @param shining lamps shine by themselves; those of a parked car are lit like the rest of it. */
export function drawParts(
  brush: Brush,
  parts: readonly Part[],
  at: Placement,
  palette: Palette,
  shining: boolean,
): void {
  const [cos, sin] = [Math.cos(at.heading), Math.sin(at.heading)]
  const [cx, cy, cz] = brush.camera.placement.position
  const world = ([x, y, z]: Point3): Point3 => [at.x + x * cos - y * sin, at.y + x * sin + y * cos, z]
  const distance = (part: Part) => {
    const [x, y, z] = world(part.centre)
    return Math.hypot(x - cx, y - cy, z - cz)
  }
  const ordered = parts.length > 1 ? [...parts].sort((a, b) => distance(b) - distance(a)) : parts
  for (const part of ordered) {
    for (const face of part.faces)
      drawFace(brush, { points: face.points.map(world), material: face.material }, palette, shining)
  }
}

/** Faces turned away from the camera, or at its nose, are left out. */
function drawFace(brush: Brush, { points, material }: Face, palette: Palette, shining: boolean): void {
  const [cx, cy, cz] = brush.camera.placement.position
  const [nx, ny, nz] = normalOf(points)
  const [fx, fy, fz] = points[0] as Point3
  if (nx * (cx - fx) + ny * (cy - fy) + nz * (cz - fz) <= 0) return
  const flat = points.map(point => brush.camera.project(...point))
  if (flat.some(([, , depth]) => depth < 0.5)) return
  const depth = (flat[0] as [number, number, number])[2]
  const glows = material === 'lamp' || material === 'tail'
  const lit = glows ? 1 : lambert(brush, nx, ny, nz)
  const gloss = material === 'glass' ? 0.75 + 0.5 * nz + 0.25 * lit : lit
  const light = glows && shining ? FULL : brush.light
  brush.ctx.fillStyle = css(throughAir({ fog: brush.fog, light }, scale(palette[material], gloss), depth))
  fillPolygon(brush.ctx, flat)
}

const FULL: Rgb = [1, 1, 1]
