/** The shape of a vehicle: its parts, wheels and lights. */

import type { Point3 } from '../createCamera.ts'
import type { Part } from './faces.ts'

/** x forward, y left, z up, metres; the origin lies on the ground below the middle. */
export interface VehicleShape {
  readonly length: number
  readonly width: number
  readonly height: number
  /** Wheel centres along x. */
  readonly axles: readonly number[]
  readonly wheelRadius: number
  readonly parts: readonly Part[]
  /** Every corner of every face once; the object's box in the image contains all of them. */
  readonly corners: readonly Point3[]
  readonly headlights: readonly Point3[]
  readonly taillights: readonly Point3[]
}

export function cornersOf(parts: readonly Part[]): Point3[] {
  const points = parts.flatMap(part => part.faces.flatMap(face => face.points))
  return [...new Map(points.map(point => [point.join(), point])).values()]
}
