/** Builds the flat faces of solids in an object's own coordinates: x forward, y left, z up, in metres. */

import type { Point3 } from '../createCamera.ts'

export type Material = 'paint' | 'trim' | 'glass' | 'dark' | 'tyre' | 'rim' | 'plate' | 'lamp' | 'tail' | 'box' | 'line'

/** Wound so that its normal points outwards. */
export interface Face {
  readonly points: readonly Point3[]
  readonly material: Material
}

/** A convex solid with details lying on its surface; parts of a mesh are sorted by their centres. */
export interface Part {
  readonly centre: Point3
  readonly faces: readonly Face[]
}

/** A point of a side profile: x, z. */
export type SidePoint = readonly [number, number]
export type Range = readonly [number, number]

/** How far details lie above their surface, so that they are never taken for its back. */
export const OUT = 0.012

/** Extrudes a side profile of (x, z) points, clockwise seen from the right, across the width. */
export function extrude(profile: readonly SidePoint[], halfWidth: number, material: Material): Face[] {
  const left = profile.map(([x, z]): Point3 => [x, halfWidth, z])
  const right = profile.map(([x, z]): Point3 => [x, -halfWidth, z])
  const rim = profile.map((_, i): Face => {
    const j = (i + 1) % profile.length
    return { points: [left[i], left[j], right[j], right[i]] as Point3[], material }
  })
  return [{ points: left, material }, { points: [...right].reverse(), material }, ...rim]
}

/** A quadrilateral lying on a side (both sides are made), given in (x, z). */
export function onSides(halfWidth: number, corners: readonly SidePoint[], material: Material): Face[] {
  const left = corners.map(([x, z]): Point3 => [x, halfWidth + OUT, z])
  const right = [...corners].reverse().map(([x, z]): Point3 => [x, -halfWidth - OUT, z])
  return [facing(left, [0, 1, 0], material), facing(right, [0, -1, 0], material)]
}

/** A rectangle on both sides, given by its x and z. */
export function sideRect(halfWidth: number, x: Range, z: Range, material: Material): Face[] {
  const corners: SidePoint[] = [
    [x[0], z[0]],
    [x[1], z[0]],
    [x[1], z[1]],
    [x[0], z[1]],
  ]
  return onSides(halfWidth, corners, material)
}

/** A quadrilateral between two cross lines, from (x0, z0) to (x1, z1), over y in ±half widths, pushed out along a direction. */
export function across(
  a: readonly [number, number, number],
  b: readonly [number, number, number],
  out: Point3,
  material: Material,
): Face {
  const push = (x: number, y: number, z: number): Point3 => [x + out[0] * OUT, y + out[1] * OUT, z + out[2] * OUT]
  const points = [push(a[0], a[2], a[1]), push(a[0], -a[2], a[1]), push(b[0], -b[2], b[1]), push(b[0], b[2], b[1])]
  return facing(points, out, material)
}

/** An upright rectangle across the object at x; `out` layers in front of it, or behind it when negative. */
export function patch(x: number, y: Range, z: Range, out: number, material: Material): Face {
  const at = x + out * OUT
  const points: Point3[] = [
    [at, y[0], z[0]],
    [at, y[1], z[0]],
    [at, y[1], z[1]],
    [at, y[0], z[1]],
  ]
  return facing(points, [out, 0, 0], material)
}

/** The face wound so that its normal points along `out`. */
export function facing(points: readonly Point3[], out: Point3, material: Material): Face {
  const [nx, ny, nz] = normalOf(points)
  const along = nx * out[0] + ny * out[1] + nz * out[2]
  return { points: along >= 0 ? points : [...points].reverse(), material }
}

/** The faces of a convex solid, each wound so that its normal points away from the centre. */
export function outward(faces: readonly Face[], centre: Point3): Face[] {
  return faces.map(face => {
    const middle = face.points.reduce((sum, p): Point3 => [sum[0] + p[0], sum[1] + p[1], sum[2] + p[2]], [0, 0, 0])
    const n = face.points.length
    const out: Point3 = [middle[0] / n - centre[0], middle[1] / n - centre[1], middle[2] / n - centre[2]]
    return facing(face.points, out, face.material)
  })
}

/** The unit normal, by Newell's method: right for any planar polygon, concave side profiles included. */
export function normalOf(points: readonly Point3[]): Point3 {
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
