/** A pinhole camera over a ground plane: x right, y away, z up, in metres; frames are 640x360 logical pixels. */

export const LOGICAL_WIDTH = 640
export const LOGICAL_HEIGHT = 360

export type Point3 = readonly [number, number, number]
export type Point2 = readonly [number, number]

export interface CameraPlacement {
  readonly position: Point3
  /** Radians to the right of the y axis. */
  readonly yaw: number
  /** Radians below the horizon. */
  readonly pitch: number
  /** Logical pixels. */
  readonly focal: number
}

export interface Camera {
  readonly placement: CameraPlacement
  /** [x, y, depth]: logical pixels and metres along the optical axis; depth <= 0 is behind the lens. */
  project(x: number, y: number, z: number): [number, number, number]
  /** Logical pixels per metre at a depth. */
  scaleAt(depth: number): number
  /** The part of a polygon that is before the lens, in logical pixels. */
  polygon(points: readonly Point3[]): Point2[]
  /** Where a pixel's ray meets the ground; null at and above the horizon. */
  ground(px: number, py: number): [number, number, number] | null
}

const NEAR = 0.6

export function createCamera(placement: CameraPlacement): Camera {
  const { position, yaw, pitch, focal } = placement
  const [cosYaw, sinYaw, cosPitch, sinPitch] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)]
  const [px, py, pz] = position

  const toCamera = (x: number, y: number, z: number): [number, number, number] => {
    const [dx, dy, dz] = [x - px, y - py, z - pz]
    const along = dx * sinYaw + dy * cosYaw
    return [dx * cosYaw - dy * sinYaw, along * sinPitch + dz * cosPitch, along * cosPitch - dz * sinPitch]
  }
  const toPicture = (right: number, up: number, depth: number): [number, number] => [
    LOGICAL_WIDTH / 2 + (focal * right) / depth,
    LOGICAL_HEIGHT / 2 - (focal * up) / depth,
  ]

  return {
    placement,
    project: (x, y, z) => {
      const [right, up, depth] = toCamera(x, y, z)
      const safe = Math.max(depth, 0.05)
      const [u, v] = toPicture(right, up, safe)
      return [u, v, depth]
    },
    scaleAt: depth => focal / Math.max(depth, 0.05),
    polygon: points => {
      const inside: Point2[] = []
      let previous = points.at(-1)
      if (!previous) return inside
      let before = toCamera(...previous)
      for (const point of points) {
        const now = toCamera(...point)
        if (before[2] < NEAR !== now[2] < NEAR) {
          const k = (NEAR - before[2]) / (now[2] - before[2])
          inside.push(toPicture(before[0] + k * (now[0] - before[0]), before[1] + k * (now[1] - before[1]), NEAR))
        }
        if (now[2] >= NEAR) inside.push(toPicture(...now))
        before = now
        previous = point
      }
      return inside
    },
    ground: (u, v) => {
      const right = (u - LOGICAL_WIDTH / 2) / focal
      const up = (LOGICAL_HEIGHT / 2 - v) / focal
      const fall = sinPitch - up * cosPitch
      if (fall <= 1e-4) return null
      const k = pz / fall
      const along = k * (cosPitch + up * sinPitch)
      const side = k * right
      return [px + along * sinYaw + side * cosYaw, py + along * cosYaw - side * sinYaw, k]
    },
  }
}
