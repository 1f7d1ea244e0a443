/** The zebra crossing, seen from a roof further down the road. */

import type { Point2 } from '../createCamera.ts'
import { crossing } from './crossing.ts'
import { farView } from './farView.ts'
import { rectangle } from './rectangle.ts'
import type { Walkway } from './view.ts'

const WHITE = [218, 218, 212] as const
const DOOR = [11.4, 5] as const
const LEFT = [-9.5, 3.4] as const
/** Just inside the flats: further in, they would be seen before the front of the house. */
const FLAT = [-7.4, 14.5] as const

/** Vehicles at the kerb stop nearer to the zebra crossing: otherwise a car would be less than 0.3 % of the image. */
const lanes = crossing.lanes.map(lane => ({
  ...lane,
  stops: lane.stops.map(stop => (stop.s === 33 ? { ...stop, s: 37.5 } : stop)),
}))
/** People come out of a shop or a house, and leave to the left. */
const walkways = crossing.walkways.map((walkway, i): Walkway => {
  if (i === 0) return { ...walkway, points: [DOOR, ...walkway.points.slice(1, -1), LEFT] }
  if (i === 1) return { ...walkway, points: [FLAT, ...walkway.points.slice(1)] }
  return i === 3 ? { ...walkway, points: [FLAT, ...walkway.points.slice(1, -1), LEFT] } : walkway
})
/** Where the ways to each gathering begin. */
const STARTS: readonly (readonly (Point2 | null)[])[] = [
  [DOOR, null],
  [LEFT, FLAT],
]
const gatherings = crossing.gatherings.map((gathering, i) => ({
  ...gathering,
  ways: gathering.ways.map((way, k) => [STARTS[i]?.[k] ?? (way[0] as Point2), ...way.slice(1)]),
}))

export const farCrossing = farView(
  { ...crossing, lanes, walkways, gatherings },
  {
    camera: { position: [-3, -16, 13], yaw: 0.12, pitch: 0.285, focal: 425 },
    lanes: [
      [0, 10],
      [12, 0],
    ],
    walkways: [
      [0, 16],
      [0, 0],
      [10, 0],
      [0, 18],
      [16, 0],
    ],
    ways: [
      [0, 0],
      [16, 0],
    ],
    surroundings: {
      ground: [
        { points: rectangle([-150, 150], [-50, 150]), colour: [140, 138, 134], texture: 'slabs', joint: 1 },
        { points: rectangle([-1.2, 6.6], [-50, -5]), colour: [178, 174, 166], texture: 'plain' },
        { points: rectangle([-1, 6.4], [-50, -5]), colour: [82, 84, 88], texture: 'asphalt' },
      ],
      lines: [{ from: [2.7, -50], to: [2.7, -5], width: 0.14, colour: WHITE, dash: [1.6, 1.8] }],
      facades: [
        { from: [10.4, 2], to: [48, 2], height: 11, colour: [150, 144, 138], style: 'flats', seed: 51 },
        { from: [-60, 10], to: [-16, 10], height: 11, colour: [170, 158, 140], style: 'flats', seed: 52 },
        { from: [-90, 40.5], to: [-40, 40.5], height: 13, colour: [160, 150, 142], style: 'flats', seed: 53 },
        { from: [60, 40.5], to: [110, 40.5], height: 13, colour: [160, 150, 142], style: 'flats', seed: 54 },
      ],
      props: [
        { kind: 'lamp', x: -4.6, y: 6.4, size: 5, heading: 0 },
        { kind: 'bench', x: -11, y: 8.6, heading: -Math.PI / 2 },
      ],
      parking: [],
    },
  },
)
