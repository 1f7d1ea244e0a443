/** The shopping street, seen from a roof on its other side. */

import { farView } from './farView.ts'
import { rectangle } from './rectangle.ts'
import { street } from './street.ts'

const WHITE = [206, 204, 198] as const
/** Between the bays of the car park before the street. */
const MARKS = [-12, -9.2, -6.4, -3.6, -0.8, 2, 4.8, 7.6, 10.4, 13.2, 16]

export const farStreet = farView(street, {
  camera: { position: [2, -20, 11.5], yaw: 0.2, pitch: 0.24, focal: 430 },
  lanes: [
    [13, 26],
    [25, 14],
  ],
  walkways: [
    [9, 25],
    [25, 9],
    [8, 25],
    [10, 25],
    [20, 10],
  ],
  ways: [
    [9, 25],
    [9, 25],
  ],
  surroundings: {
    ground: [{ points: rectangle([-150, 200], [-40, 120]), colour: [146, 141, 134], texture: 'slabs', joint: 0.9 }],
    over: [
      { points: rectangle([-60, 80], [-40, 3]), colour: [176, 172, 164], texture: 'plain' },
      { points: rectangle([-60, 80], [-40, 2.8]), colour: [88, 89, 91], texture: 'asphalt' },
    ],
    lines: MARKS.map(x => ({ from: [x, -2.6] as const, to: [x, 2.4] as const, width: 0.1, colour: WHITE })),
    facades: [
      { from: [-70, 21.6], to: [-30, 21.6], height: 11, colour: [168, 160, 148], style: 'flats', seed: 31 },
      { from: [60, 21.6], to: [110, 21.6], height: 11, colour: [170, 150, 130], style: 'flats', seed: 32 },
      { from: [-70, 50], to: [-12, 50], height: 15, colour: [160, 158, 152], style: 'flats', seed: 33 },
      { from: [-12, 54], to: [20, 54], height: 19, colour: [150, 140, 132], style: 'office', seed: 34 },
      { from: [20, 50], to: [120, 50], height: 16, colour: [166, 152, 138], style: 'flats', seed: 35 },
    ],
    props: [
      { kind: 'lamp', x: -17, y: 19.2, size: 4.5, heading: -Math.PI / 2 },
      { kind: 'lamp', x: 34, y: 19.2, size: 4.5, heading: -Math.PI / 2 },
      { kind: 'lamp', x: -9.5, y: 8.4, size: 4.5, heading: Math.PI / 2 },
      { kind: 'lamp', x: 20, y: 8.4, size: 4.5, heading: Math.PI / 2 },
      { kind: 'tree', x: -14, y: 19.4, size: 5 },
      { kind: 'tree', x: 38, y: 19.4, size: 5.2 },
    ],
    parking: [-7.8, -5, -2.2, 3.4, 6.2, 11.8].map(x => ({ x, y: -0.1, heading: Math.PI / 2 })),
  },
})
