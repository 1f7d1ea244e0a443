/** Cars: a body extruded from its side profile, and a cabin that narrows towards the roof. */

import type { Point3 } from '../createCamera.ts'
import { across, extrude, type Face, facing, OUT, onSides, outward, patch, type SidePoint, sideRect } from './faces.ts'
import { cornersOf, type VehicleShape } from './vehicleShape.ts'

export interface CarForm {
  /** Bonnet's front edge, windscreen foot, roof front, roof rear, rear window foot, tail: x from front to back. */
  readonly x: readonly [number, number, number, number, number, number]
  /** Heights of the waist, the boot lid and the roof. */
  readonly belt: number
  readonly tail: number
  readonly roof: number
  readonly width: number
  /** Positions of the window posts: fractions of the cabin's length. */
  readonly pillars: readonly number[]
}

export function carShape(form: CarForm): VehicleShape {
  const [nose, , , , , tail] = form.x
  const w = form.width / 2
  const faces = [...bodyFaces(form, w), ...detailFaces(form, w), ...cabinFaces(form, w), ...glassFaces(form, w)]
  // The cabin always stands on the body and the lens is always above it: one part, in this order.
  const parts = [{ centre: [0, 0, 0.6] as const, faces }]
  return {
    length: nose - tail,
    width: form.width,
    height: form.roof,
    axles: [nose - 0.85, tail + 0.85],
    wheelRadius: 0.33,
    parts,
    corners: cornersOf(parts),
    headlights: pair(nose, w * 0.76, 0.6),
    taillights: pair(tail, w * 0.78, form.tail - 0.24),
  }
}

function pair(x: number, y: number, z: number): Point3[] {
  return [
    [x, y, z],
    [x, -y, z],
  ]
}

function bodyFaces({ x, belt, tail: lid }: CarForm, w: number): Face[] {
  const [nose, foot, , , rearFoot, tail] = x
  const profile: SidePoint[] = [
    [nose - 0.06, 0.22],
    [nose, 0.36],
    [nose - 0.04, 0.62],
    [nose - 0.25, 0.76],
    [foot, belt],
    [rearFoot, belt + 0.02],
    [tail + 0.12, lid],
    [tail, lid - 0.14],
    [tail + 0.02, 0.36],
    [tail + 0.12, 0.22],
  ]
  return outward(extrude(profile, w, 'paint'), [0, 0, 0.5])
}

/** Sill, door lines, handles, grille, plates and lamps. */
function detailFaces({ x, belt, tail: lid, pillars }: CarForm, w: number): Face[] {
  const [nose, foot, , , rearFoot, tail] = x
  const door = pillars[0] ? foot + (rearFoot - foot) * pillars[0] : 0
  const sill: SidePoint[] = [
    [nose - 0.1, 0.22],
    [tail + 0.12, 0.22],
    [tail + 0.05, 0.33],
    [nose - 0.03, 0.33],
  ]
  return [
    ...onSides(w, sill, 'dark'),
    ...sideRect(w, [door - 0.012, door + 0.012], [0.34, belt - 0.03], 'line'),
    ...sideRect(w, [foot - 0.1, foot - 0.076], [0.34, belt - 0.05], 'line'),
    ...sideRect(w, [door + 0.1, door + 0.26], [belt - 0.17, belt - 0.13], 'trim'),
    patch(nose, [-w * 0.55, w * 0.55], [0.36, 0.52], 1, 'dark'),
    patch(nose - 0.01, [-0.26, 0.26], [0.38, 0.48], 3, 'plate'),
    patch(nose, [w * 0.55, w * 0.96], [0.52, 0.66], 1, 'lamp'),
    patch(nose, [-w * 0.96, -w * 0.55], [0.52, 0.66], 1, 'lamp'),
    patch(tail, [w * 0.6, w * 0.97], [lid - 0.34, lid - 0.15], -1, 'tail'),
    patch(tail, [-w * 0.97, -w * 0.6], [lid - 0.34, lid - 0.15], -1, 'tail'),
    patch(tail, [-0.28, 0.28], [lid - 0.36, lid - 0.24], -1, 'plate'),
    patch(tail, [-w * 0.9, w * 0.9], [0.24, 0.4], -1, 'dark'),
  ]
}

/** The cabin is this much narrower than the body at its foot and at its roof. */
const [FOOT_WIDTH, ROOF_WIDTH] = [0.94, 0.78]

function cabinFaces({ x, belt, roof }: CarForm, w: number): Face[] {
  const [, foot, roofFront, roofRear, rearFoot] = x
  const ring = (front: number, back: number, half: number, z: number): Point3[] => [
    [front, half, z],
    [back, half, z],
    [back, -half, z],
    [front, -half, z],
  ]
  const base = ring(foot, rearFoot, w * FOOT_WIDTH, belt)
  const top = ring(roofFront, roofRear, w * ROOF_WIDTH, roof)
  const walls = [0, 1, 2, 3].map((i): Face => {
    const j = (i + 1) % 4
    return { points: [base[i], base[j], top[j], top[i]] as Point3[], material: 'paint' }
  })
  return outward([{ points: top, material: 'paint' }, ...walls], [0, 0, (belt + roof) / 2 - 0.1])
}

function glassFaces({ x, belt, roof, pillars }: CarForm, w: number): Face[] {
  const [, foot, roofFront, roofRear, rearFoot] = x
  const half = (v: number) => w * (FOOT_WIDTH + (ROOF_WIDTH - FOOT_WIDTH) * v)
  const height = (v: number) => belt + (roof - belt) * v
  /** u along the cabin from front to rear, v from belt to roof, on the sloping side. */
  const onSide = (u: number, v: number, sign: number): Point3 => {
    const low = foot + (rearFoot - foot) * u
    const high = roofFront + (roofRear - roofFront) * u
    return [low + (high - low) * v, (half(v) + OUT) * sign, height(v)]
  }
  const edges = [0.07, ...pillars, 0.95]
  const side = (sign: number): Face[] =>
    edges.slice(1).map((to, i) => {
      const [a, b] = [(edges[i] as number) + 0.018, to - 0.018]
      const corners = [onSide(a, 0.1, sign), onSide(b, 0.1, sign), onSide(b, 0.88, sign), onSide(a, 0.88, sign)]
      return facing(corners, [0, sign, 0], 'glass')
    })
  const screen = (low: number, high: number, direction: number): Face => {
    const at = (v: number, inset: number) => [low + (high - low) * v, height(v), half(v) - inset] as const
    return across(at(0.08, 0.08), at(0.92, 0.06), [direction * 0.8, 0, 0.6], 'glass')
  }
  return [...side(1), ...side(-1), screen(foot, roofFront, 1), screen(rearFoot, roofRear, -1)]
}
