/** The shapes of all kinds of vehicles. */

import { boxShape } from './boxShape.ts'
import { carShape } from './carShape.ts'
import type { VehicleShape } from './vehicleShape.ts'

export type VehicleKind = 'car' | 'van' | 'truck' | 'bus'

/** @param style picks among the body forms of a kind: any integer. */
export function createVehicleShape(kind: VehicleKind, style: number): VehicleShape {
  const forms = SHAPES[kind]
  return forms[Math.abs(style) % forms.length] as VehicleShape
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
      sideGlass: [{ x: [0.55, 1.5], z: [1.2, 1.8] }],
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
        { x: [0.35, 1.3], z: [1.1, 1.66] },
        { x: [-0.85, 0.2], z: [1.1, 1.66] },
        { x: [-2.0, -1.0], z: [1.1, 1.66] },
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
      sideGlass: [{ x: [2.4, 3.3], z: [1.35, 2.1] }],
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
        { x: [3.6, 4.6], z: [1.0, 2.4] },
        ...[-4.6, -3.0, -1.4, 0.2, 1.8].map(x => ({ x: [x, x + 1.45] as const, z: [1.3, 2.4] as const })),
      ],
    }),
  ],
}
