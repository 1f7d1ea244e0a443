/** Cars, vans, trucks and buses as shaded solids; x forward, y left, z up, origin on the ground below the middle. */

import type { Point3 } from '../camera.ts'
import { extrude, type Face, type Material, type Part } from './mesh.ts'

export type VehicleKind = 'car' | 'van' | 'truck' | 'bus'

export interface VehicleShape {
  readonly length: number
  readonly width: number
  readonly height: number
  /** Wheel centres along x. */
  readonly axles: readonly number[]
  readonly wheelRadius: number
  readonly parts: readonly Part[]
  /** Where the lights are, for glow: front ones first. */
  readonly headlights: readonly Point3[]
  readonly taillights: readonly Point3[]
}

/** @param style picks among the body forms of a kind: any integer. */
export function vehicleShape(kind: VehicleKind, style: number): VehicleShape {
  const forms = SHAPES[kind]
  return forms[Math.abs(style) % forms.length] as VehicleShape
}

const OUT = 0.012

/** A quadrilateral lying on a side (both sides are made), given in (x, z). */
function onSides(halfWidth: number, corners: readonly (readonly [number, number])[], material: Material): Face[] {
  const left = corners.map(([x, z]): Point3 => [x, halfWidth + OUT, z])
  const right = [...corners].reverse().map(([x, z]): Point3 => [x, -halfWidth - OUT, z])
  return [facing(left, [0, 1, 0], material), facing(right, [0, -1, 0], material)]
}

/** A quadrilateral between two cross lines, from (x0, z0) to (x1, z1), over y in ±half widths, pushed out along a direction. */
function across(
  a: readonly [number, number, number],
  b: readonly [number, number, number],
  out: Point3,
  material: Material,
): Face {
  const push = (x: number, y: number, z: number): Point3 => [x + out[0] * OUT, y + out[1] * OUT, z + out[2] * OUT]
  const points = [push(a[0], a[2], a[1]), push(a[0], -a[2], a[1]), push(b[0], -b[2], b[1]), push(b[0], b[2], b[1])]
  return facing(points, out, material)
}

function patch(
  x: number,
  y: readonly [number, number],
  z: readonly [number, number],
  out: number,
  material: Material,
): Face {
  const points: Point3[] = [
    [x, y[0], z[0]],
    [x, y[1], z[0]],
    [x, y[1], z[1]],
    [x, y[0], z[1]],
  ]
  return facing(
    points.map(([px, py, pz]): Point3 => [px + out * OUT, py, pz]),
    [out, 0, 0],
    material,
  )
}

/** The same face, wound so that it looks along `out`. */
function facing(points: readonly Point3[], out: Point3, material: Material): Face {
  let sum = 0
  let previous = points.at(-1) as Point3
  for (const p of points) {
    sum += (previous[1] - p[1]) * (previous[2] + p[2]) * out[0]
    sum += (previous[2] - p[2]) * (previous[0] + p[0]) * out[1]
    sum += (previous[0] - p[0]) * (previous[1] + p[1]) * out[2]
    previous = p
  }
  return { points: sum >= 0 ? points : [...points].reverse(), material }
}

function outward(faces: readonly Face[], centre: Point3): Face[] {
  return faces.map(face => {
    const middle = face.points.reduce((sum, p): Point3 => [sum[0] + p[0], sum[1] + p[1], sum[2] + p[2]], [0, 0, 0])
    const n = face.points.length
    const out: Point3 = [middle[0] / n - centre[0], middle[1] / n - centre[1], middle[2] / n - centre[2]]
    return facing(face.points, out, face.material)
  })
}

interface CarForm {
  /** Bonnet's front edge, windscreen foot, roof front, roof rear, rear window foot, tail: x from front to back. */
  readonly x: readonly [number, number, number, number, number, number]
  readonly belt: number
  readonly tail: number
  readonly roof: number
  readonly width: number
  readonly pillars: readonly number[]
}

function carShape(form: CarForm): VehicleShape {
  const [nose, foot, roofFront, roofRear, rearFoot, tail] = form.x
  const w = form.width / 2
  const top = w * 0.78
  const { belt, roof } = form
  const profile: [number, number][] = [
    [nose - 0.06, 0.22],
    [nose, 0.36],
    [nose - 0.04, 0.62],
    [nose - 0.25, 0.76],
    [foot, belt],
    [rearFoot, belt + 0.02],
    [tail + 0.12, form.tail],
    [tail, form.tail - 0.14],
    [tail + 0.02, 0.36],
    [tail + 0.12, 0.22],
  ]
  const body = outward(extrude(profile, w, 'paint'), [0, 0, 0.5])
  const cabinBase: Point3[] = [
    [foot, w * 0.94, belt],
    [rearFoot, w * 0.94, belt],
    [rearFoot, -w * 0.94, belt],
    [foot, -w * 0.94, belt],
  ]
  const cabinTop: Point3[] = [
    [roofFront, top, roof],
    [roofRear, top, roof],
    [roofRear, -top, roof],
    [roofFront, -top, roof],
  ]
  const cabin = outward(
    [
      { points: cabinTop, material: 'paint' },
      ...[0, 1, 2, 3].map((i): Face => {
        const j = (i + 1) % 4
        return { points: [cabinBase[i], cabinBase[j], cabinTop[j], cabinTop[i]] as Point3[], material: 'paint' }
      }),
    ],
    [0, 0, (belt + roof) / 2 - 0.1],
  )
  const side = (u: number, v: number, sign: number): Point3 => {
    // u along the cabin from front to rear, v from belt to roof, on the sloping side.
    const x0 = foot + (rearFoot - foot) * u
    const x1 = roofFront + (roofRear - roofFront) * u
    const y = (w * 0.94 + (top - w * 0.94) * v + OUT) * sign
    return [x0 + (x1 - x0) * v, y, belt + (roof - belt) * v]
  }
  const glass: Face[] = []
  const edges = [0.07, ...form.pillars, 0.95]
  for (const sign of [1, -1]) {
    for (let i = 1; i < edges.length; i++) {
      const [a, b] = [(edges[i - 1] as number) + 0.018, (edges[i] as number) - 0.018]
      glass.push(
        facing(
          [side(a, 0.1, sign), side(b, 0.1, sign), side(b, 0.88, sign), side(a, 0.88, sign)],
          [0, sign, 0],
          'glass',
        ),
      )
    }
  }
  const lerp = (a: number, b: number, k: number) => a + (b - a) * k
  const screen = (from: number, to: number, dir: number): Face =>
    across(
      [lerp(from, to, 0.08), lerp(belt, roof, 0.08), lerp(w * 0.94, top, 0.08) - 0.08],
      [lerp(from, to, 0.92), lerp(belt, roof, 0.92), lerp(w * 0.94, top, 0.92) - 0.06],
      [dir * 0.8, 0, 0.6],
      'glass',
    )
  glass.push(screen(foot, roofFront, 1), screen(rearFoot, roofRear, -1))
  const doors = form.pillars[0] ? lerp(foot, rearFoot, form.pillars[0]) : 0
  const details: Face[] = [
    ...onSides(
      w,
      [
        [nose - 0.1, 0.22],
        [tail + 0.12, 0.22],
        [tail + 0.05, 0.33],
        [nose - 0.03, 0.33],
      ],
      'dark',
    ),
    ...onSides(
      w,
      [
        [doors - 0.012, 0.34],
        [doors + 0.012, 0.34],
        [doors + 0.012, belt - 0.03],
        [doors - 0.012, belt - 0.03],
      ],
      'line',
    ),
    ...onSides(
      w,
      [
        [foot - 0.1, 0.34],
        [foot - 0.076, 0.34],
        [foot - 0.076, belt - 0.05],
        [foot - 0.1, belt - 0.05],
      ],
      'line',
    ),
    ...onSides(
      w,
      [
        [doors + 0.1, belt - 0.17],
        [doors + 0.26, belt - 0.17],
        [doors + 0.26, belt - 0.13],
        [doors + 0.1, belt - 0.13],
      ],
      'trim',
    ),
    patch(nose, [-w * 0.55, w * 0.55], [0.36, 0.52], 1, 'dark'),
    patch(nose - 0.01, [-0.26, 0.26], [0.38, 0.48], 3, 'plate'),
    patch(nose, [w * 0.55, w * 0.96], [0.52, 0.66], 1, 'lamp'),
    patch(nose, [-w * 0.96, -w * 0.55], [0.52, 0.66], 1, 'lamp'),
    patch(tail, [w * 0.6, w * 0.97], [form.tail - 0.34, form.tail - 0.15], -1, 'tail'),
    patch(tail, [-w * 0.97, -w * 0.6], [form.tail - 0.34, form.tail - 0.15], -1, 'tail'),
    patch(tail, [-0.28, 0.28], [form.tail - 0.36, form.tail - 0.24], -1, 'plate'),
    patch(tail, [-w * 0.9, w * 0.9], [0.24, 0.4], -1, 'dark'),
  ]
  return {
    length: nose - tail,
    width: form.width,
    height: roof,
    axles: [nose - 0.85, tail + 0.85],
    wheelRadius: 0.33,
    // The cabin always stands on the body and the lens is always above it: one part, in this order.
    parts: [{ centre: [0, 0, 0.6], faces: [...body, ...details, ...cabin, ...glass] }],
    headlights: [
      [nose, w * 0.76, 0.6],
      [nose, -w * 0.76, 0.6],
    ],
    taillights: [
      [tail, w * 0.78, form.tail - 0.24],
      [tail, -w * 0.78, form.tail - 0.24],
    ],
  }
}

interface BoxForm {
  readonly profile: readonly (readonly [number, number])[]
  readonly width: number
  readonly axles: readonly number[]
  readonly wheelRadius: number
  readonly sideGlass: readonly (readonly [number, number, number, number])[]
  readonly cargo?: { readonly from: number; readonly to: number; readonly floor: number; readonly top: number }
}

/** Vans, trucks and buses: one extruded body and, for trucks, a cargo box behind the cab. */
function boxShape(form: BoxForm): VehicleShape {
  const w = form.width / 2
  const xs = form.profile.map(([x]) => x)
  const nose = Math.max(...xs)
  const bodyTail = Math.min(...xs)
  const top = Math.max(...form.profile.map(([, z]) => z))
  const centreX = (nose + bodyTail) / 2
  const faces = outward(extrude(form.profile, w, 'paint'), [centreX, 0, top * 0.45])
  for (const [x0, x1, z0, z1] of form.sideGlass)
    faces.push(
      ...onSides(
        w,
        [
          [x0, z0],
          [x1, z0],
          [x1, z1],
          [x0, z1],
        ],
        'glass',
      ),
    )
  const screen = steepest(form.profile)
  if (screen) {
    const [[ax, az], [bx, bz]] = screen
    const at = (k: number): [number, number] => [ax + (bx - ax) * k, az + (bz - az) * k]
    faces.push(across([...at(0.08), w - 0.12], [...at(0.9), w - 0.14], [0.95, 0, 0.3], 'glass'))
  }
  const tail = form.cargo ? form.cargo.from : bodyTail
  const rearLow = form.cargo ? form.cargo.floor - 0.22 : 0.75
  const lampZ = 0.62
  faces.push(
    ...onSides(
      w,
      [
        [nose - 0.05, 0.28],
        [bodyTail + 0.05, 0.28],
        [bodyTail + 0.05, 0.46],
        [nose - 0.05, 0.46],
      ],
      'dark',
    ),
    patch(nose, [-w * 0.5, w * 0.5], [0.42, 0.66], 1, 'dark'),
    patch(nose, [w * 0.6, w * 0.95], [lampZ, lampZ + 0.2], 1, 'lamp'),
    patch(nose, [-w * 0.95, -w * 0.6], [lampZ, lampZ + 0.2], 1, 'lamp'),
    patch(nose, [-0.27, 0.27], [0.34, 0.46], 2, 'plate'),
  )
  const rear: Face[] = [
    patch(tail, [w * 0.72, w * 0.97], [rearLow, rearLow + 0.36], -1, 'tail'),
    patch(tail, [-w * 0.97, -w * 0.72], [rearLow, rearLow + 0.36], -1, 'tail'),
    patch(tail, [-0.27, 0.27], [rearLow, rearLow + 0.12], -1, 'plate'),
  ]
  const parts: Part[] = []
  if (form.cargo) {
    const { from, to, floor, top: lid } = form.cargo
    const outline: [number, number][] = [
      [to, floor],
      [to, lid],
      [from, lid],
      [from, floor],
    ]
    const box = outward(extrude(outline, w + 0.06, 'box'), [(from + to) / 2, 0, (floor + lid) / 2])
    for (const k of [0.25, 0.5, 0.75]) {
      const x = from + (to - from) * k
      box.push(
        ...onSides(
          w + 0.06,
          [
            [x - 0.015, floor + 0.05],
            [x + 0.015, floor + 0.05],
            [x + 0.015, lid - 0.05],
            [x - 0.015, lid - 0.05],
          ],
          'line',
        ),
      )
    }
    const frame = outward(
      extrude(
        [
          [to + 0.3, 0.5],
          [to + 0.3, floor],
          [from, floor],
          [from, 0.5],
        ],
        w * 0.8,
        'dark',
      ),
      [(from + to) / 2, 0, 0.7],
    )
    parts.push({ centre: [(from + to) / 2, 0, 1], faces: [...frame, ...box, ...rear] })
  } else {
    faces.push(
      patch(tail, [-w * 0.8, w * 0.8], [top * 0.55, top * 0.86], -1, 'glass'),
      patch(tail, [-0.014, 0.014], [0.5, top * 0.9], -1, 'line'),
      ...rear,
    )
  }
  parts.push({ centre: [centreX, 0, 1], faces })
  return {
    length: nose - tail,
    width: form.width,
    height: Math.max(top, form.cargo?.top ?? 0),
    axles: form.axles,
    wheelRadius: form.wheelRadius,
    parts,
    headlights: [
      [nose, w * 0.78, lampZ + 0.1],
      [nose, -w * 0.78, lampZ + 0.1],
    ],
    taillights: [
      [tail, w * 0.85, rearLow + 0.18],
      [tail, -w * 0.85, rearLow + 0.18],
    ],
  }
}

/** The windscreen: the highest long edge of the profile that looks forward. */
function steepest(profile: BoxForm['profile']): [readonly [number, number], readonly [number, number]] | null {
  let best: [readonly [number, number], readonly [number, number]] | null = null
  let reach = 0
  profile.forEach((a, i) => {
    const b = profile[(i + 1) % profile.length] as readonly [number, number]
    const rise = Math.abs(b[1] - a[1])
    if (a[0] > 0 && b[0] > 0 && rise > reach && Math.max(a[1], b[1]) > 1.4) {
      reach = rise
      best = a[1] < b[1] ? [a, b] : [b, a]
    }
  })
  return best
}

const SHAPES: Readonly<Record<VehicleKind, readonly VehicleShape[]>> = {
  car: [
    carShape({
      x: [2.2, 1.05, 0.35, -1.0, -1.65, -2.25],
      belt: 0.92,
      tail: 0.95,
      roof: 1.45,
      width: 1.8,
      pillars: [0.5],
    }),
    carShape({
      x: [1.95, 1.0, 0.3, -1.45, -1.85, -1.98],
      belt: 0.95,
      tail: 0.93,
      roof: 1.5,
      width: 1.76,
      pillars: [0.46, 0.76],
    }),
    carShape({
      x: [2.25, 1.15, 0.5, -1.85, -2.15, -2.3],
      belt: 1.05,
      tail: 1.03,
      roof: 1.72,
      width: 1.88,
      pillars: [0.4, 0.72],
    }),
  ],
  van: [
    boxShape({
      profile: [
        [2.5, 0.28],
        [2.55, 0.9],
        [1.95, 1.15],
        [1.3, 2.05],
        [0.9, 2.2],
        [-2.6, 2.2],
        [-2.65, 0.28],
      ],
      width: 1.95,
      axles: [1.7, -1.7],
      wheelRadius: 0.36,
      sideGlass: [[0.55, 1.5, 1.2, 1.8]],
    }),
    boxShape({
      profile: [
        [2.3, 0.28],
        [2.35, 0.85],
        [1.75, 1.08],
        [1.15, 1.8],
        [0.8, 1.92],
        [-2.2, 1.92],
        [-2.25, 0.28],
      ],
      width: 1.85,
      axles: [1.55, -1.45],
      wheelRadius: 0.34,
      sideGlass: [
        [0.35, 1.3, 1.1, 1.66],
        [-0.85, 0.2, 1.1, 1.66],
        [-2.0, -1.0, 1.1, 1.66],
      ],
    }),
  ],
  truck: [
    boxShape({
      profile: [
        [3.6, 0.4],
        [3.65, 1.25],
        [3.5, 2.2],
        [3.25, 2.45],
        [1.75, 2.45],
        [1.75, 0.4],
      ],
      width: 2.2,
      axles: [2.7, -2.0],
      wheelRadius: 0.46,
      sideGlass: [[2.4, 3.3, 1.35, 2.1]],
      cargo: { from: -3.6, to: 1.55, floor: 0.95, top: 3.05 },
    }),
  ],
  bus: [
    boxShape({
      profile: [
        [5, 0.35],
        [5.05, 1.1],
        [4.9, 2.6],
        [4.6, 2.95],
        [-5, 2.95],
        [-5.05, 0.35],
      ],
      width: 2.5,
      axles: [3.2, -2.9],
      wheelRadius: 0.48,
      sideGlass: [
        [3.6, 4.6, 1.0, 2.4],
        ...[-4.6, -3.0, -1.4, 0.2, 1.8].map((x): [number, number, number, number] => [x, x + 1.45, 1.3, 2.4]),
      ],
    }),
  ],
}
