/** Solids made of flat faces: turned, projected, shaded by the sun and drawn back to front. */

import type { Point3 } from '../camera.ts'
import { type Brush, css, fillPolygon, lambert, type Rgb, scale, throughAir } from '../paint.ts'

export type Material = 'paint' | 'trim' | 'glass' | 'dark' | 'tyre' | 'rim' | 'plate' | 'lamp' | 'tail' | 'box' | 'line'

export interface Face {
  readonly points: readonly Point3[]
  readonly material: Material
}

/** A convex solid with details lying on its surface; parts of a mesh are sorted by their centres. */
export interface Part {
  readonly centre: Point3
  readonly faces: readonly Face[]
}

export interface Placement {
  readonly x: number
  readonly y: number
  readonly heading: number
}

export type Palette = Readonly<Record<Material, Rgb>>

/** Extrudes a side profile of (x, z) points, clockwise seen from the right, across the width. */
export function extrude(
  profile: readonly (readonly [number, number])[],
  halfWidth: number,
  material: Material,
): Face[] {
  const left = profile.map(([x, z]): Point3 => [x, halfWidth, z])
  const right = profile.map(([x, z]): Point3 => [x, -halfWidth, z])
  const rim = profile.map((_, i): Face => {
    const j = (i + 1) % profile.length
    return { points: [left[i], left[j], right[j], right[i]] as Point3[], material }
  })
  return [{ points: left, material }, { points: [...right].reverse(), material }, ...rim]
}

/** Draws the parts of a solid, far ones first; faces turned away are left out. */
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
    for (const face of part.faces) {
      const points = face.points.map(world)
      const [nx, ny, nz] = normal(points)
      const [fx, fy, fz] = points[0] as Point3
      if (nx * (cx - fx) + ny * (cy - fy) + nz * (cz - fz) <= 0) continue
      const flat = points.map(point => brush.camera.project(...point))
      if (flat.some(point => point[2] < 0.5)) continue
      const depth = (flat[0] as [number, number, number])[2]
      if (face.material === 'lamp' || face.material === 'tail') {
        // Lights shine by themselves, but for parked cars' at night.
        brush.ctx.fillStyle = css(
          throughAir(shining ? { fog: brush.fog, light: [1, 1, 1] } : brush, palette[face.material], depth),
        )
        fillPolygon(brush.ctx, flat)
        continue
      }
      const lit = lambert(brush, nx, ny, nz)
      const gloss = face.material === 'glass' ? 0.75 + 0.5 * nz + 0.25 * lit : lit
      brush.ctx.fillStyle = css(throughAir(brush, scale(palette[face.material], gloss), depth))
      fillPolygon(brush.ctx, flat)
    }
  }
}

function normal(points: readonly Point3[]): Point3 {
  // Newell's method: right for any planar polygon, concave side profiles included.
  let [nx, ny, nz] = [0, 0, 0]
  let previous = points.at(-1) as Point3
  for (const point of points) {
    nx += (previous[1] - point[1]) * (previous[2] + point[2])
    ny += (previous[2] - point[2]) * (previous[0] + point[0])
    nz += (previous[0] - point[0]) * (previous[1] + point[1])
    previous = point
  }
  const length = Math.hypot(nx, ny, nz) || 1
  return [nx / length, ny / length, nz / length]
}
