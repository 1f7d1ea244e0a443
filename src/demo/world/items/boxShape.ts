/** Vans, trucks and buses: one extruded body and, for trucks, a cargo box behind the cab. */

import { across, extrude, type Face, outward, type Part, patch, type Range, type SidePoint, sideRect } from './faces.ts'
import { cornersOf, type VehicleShape } from './vehicleShape.ts'

export interface BoxForm {
  /** Outline seen from the side. */
  readonly profile: readonly SidePoint[]
  readonly width: number
  readonly axles: readonly number[]
  readonly wheelRadius: number
  /** x and z of each side window. */
  readonly sideGlass: readonly { readonly x: Range; readonly z: Range }[]
  readonly cargo?: Cargo
}

interface Cargo {
  readonly from: number
  readonly to: number
  readonly floor: number
  readonly top: number
}

/** Height of the headlights' lower edge. */
const LAMP = 0.62

export function boxShape(form: BoxForm): VehicleShape {
  const { profile, cargo } = form
  const w = form.width / 2
  const nose = Math.max(...profile.map(([x]) => x))
  const bodyTail = Math.min(...profile.map(([x]) => x))
  const top = Math.max(...profile.map(([, z]) => z))
  const tail = cargo ? cargo.from : bodyTail
  const rear = rearFaces(tail, w, cargo ? cargo.floor - 0.22 : 0.75)
  const body = [...bodyFaces(form, w, nose, bodyTail, top), ...(cargo ? [] : [...doorFaces(tail, w, top), ...rear])]
  const parts: Part[] = [
    ...(cargo ? [cargoPart(cargo, w, rear)] : []),
    { centre: [(nose + bodyTail) / 2, 0, 1], faces: body },
  ]
  const low = cargo ? cargo.floor - 0.22 : 0.75
  return {
    length: nose - tail,
    width: form.width,
    height: Math.max(top, cargo?.top ?? 0),
    axles: form.axles,
    wheelRadius: form.wheelRadius,
    parts,
    corners: cornersOf(parts),
    headlights: [1, -1].map(side => [nose, side * w * 0.78, LAMP + 0.1] as const),
    taillights: [1, -1].map(side => [tail, side * w * 0.85, low + 0.18] as const),
  }
}

function bodyFaces({ profile, sideGlass }: BoxForm, w: number, nose: number, tail: number, top: number): Face[] {
  return [
    ...outward(extrude(profile, w, 'paint'), [(nose + tail) / 2, 0, top * 0.45]),
    ...sideGlass.flatMap(({ x, z }) => sideRect(w, x, z, 'glass')),
    ...windscreen(profile, w),
    ...sideRect(w, [nose - 0.05, tail + 0.05], [0.28, 0.46], 'dark'),
    patch(nose, [-w * 0.5, w * 0.5], [0.42, 0.66], 1, 'dark'),
    patch(nose, [w * 0.6, w * 0.95], [LAMP, LAMP + 0.2], 1, 'lamp'),
    patch(nose, [-w * 0.95, -w * 0.6], [LAMP, LAMP + 0.2], 1, 'lamp'),
    patch(nose, [-0.27, 0.27], [0.34, 0.46], 2, 'plate'),
  ]
}

/** Rear doors with a window. */
function doorFaces(tail: number, w: number, top: number): Face[] {
  return [
    patch(tail, [-w * 0.8, w * 0.8], [top * 0.55, top * 0.86], -1, 'glass'),
    patch(tail, [-0.014, 0.014], [0.5, top * 0.9], -1, 'line'),
  ]
}

function rearFaces(tail: number, w: number, low: number): Face[] {
  return [
    patch(tail, [w * 0.72, w * 0.97], [low, low + 0.36], -1, 'tail'),
    patch(tail, [-w * 0.97, -w * 0.72], [low, low + 0.36], -1, 'tail'),
    patch(tail, [-0.27, 0.27], [low, low + 0.12], -1, 'plate'),
  ]
}

function cargoPart({ from, to, floor, top }: Cargo, w: number, rear: readonly Face[]): Part {
  const middle = (from + to) / 2
  const block = (front: number, low: number, high: number): SidePoint[] => [
    [front, low],
    [front, high],
    [from, high],
    [from, low],
  ]
  const seams = [0.25, 0.5, 0.75].flatMap(k => {
    const x = from + (to - from) * k
    return sideRect(w + 0.06, [x - 0.015, x + 0.015], [floor + 0.05, top - 0.05], 'line')
  })
  return {
    centre: [middle, 0, 1],
    faces: [
      ...outward(extrude(block(to + 0.3, 0.5, floor), w * 0.8, 'dark'), [middle, 0, 0.7]),
      ...outward(extrude(block(to, floor, top), w + 0.06, 'box'), [middle, 0, (floor + top) / 2]),
      ...seams,
      ...rear,
    ],
  }
}

/** Lies on the steepest edge of the profile's front half, above the bonnet. */
function windscreen(profile: readonly SidePoint[], w: number): Face[] {
  const xs = profile.map(([x]) => x)
  const middle = (Math.max(...xs) + Math.min(...xs)) / 2
  const edges = profile.map((a, i) => {
    const b = profile[(i + 1) % profile.length] as SidePoint
    const [low, high] = a[1] < b[1] ? [a, b] : [b, a]
    return { low, high, rise: high[1] - low[1] }
  })
  const [edge] = edges
    .filter(({ low, high }) => low[0] > middle && high[0] > middle && high[1] > 1.4)
    .sort((a, b) => b.rise - a.rise)
  if (!edge) return []
  const { low, high } = edge
  const at = (k: number, half: number) =>
    [low[0] + (high[0] - low[0]) * k, low[1] + (high[1] - low[1]) * k, half] as const
  return [across(at(0.08, w - 0.12), at(0.9, w - 0.14), [0.95, 0, 0.3], 'glass')]
}
