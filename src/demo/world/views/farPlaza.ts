/** The paved square, seen from a roof on its other side. */

import { farView } from './farView.ts'
import { plaza } from './plaza.ts'
import { rectangle } from './rectangle.ts'

export const farPlaza = farView(plaza, {
  camera: { position: [2, -20, 13.5], yaw: -0.15, pitch: 0.29, focal: 430 },
  lanes: [
    [22, 16],
    [16, 24],
  ],
  walkways: [
    [23, 15],
    [23, 14],
    [26, 14],
    [12, 24],
    [24, 16],
    [24, 14],
  ],
  ways: [
    [23, 15, 23, 12],
    [23, 15, 23],
  ],
  surroundings: {
    ground: [
      { points: rectangle([-150, 150], [-40, 120]), colour: [150, 140, 128], texture: 'slabs', joint: 1.2 },
      { points: rectangle([-2.6, -2], [-40, -8]), colour: [128, 112, 98], texture: 'cobbles', joint: 0.3 },
    ],
    lines: [],
    facades: [
      { from: [30, 24], to: [80, 24], height: 10, colour: [188, 176, 154], style: 'flats', seed: 41 },
      { from: [-110, 24], to: [-50, 24], height: 10, colour: [164, 150, 136], style: 'flats', seed: 42 },
      { from: [-110, 55], to: [-24, 55], height: 17, colour: [162, 158, 150], style: 'flats', seed: 43 },
      { from: [-24, 60], to: [14, 60], height: 21, colour: [150, 152, 156], style: 'office', seed: 44 },
      { from: [14, 55], to: [90, 55], height: 16, colour: [168, 152, 140], style: 'flats', seed: 45 },
    ],
    props: [
      { kind: 'lamp', x: -24, y: 13.2, size: 4.8, heading: -Math.PI / 2 },
      { kind: 'lamp', x: 22, y: 13.2, size: 4.8, heading: -Math.PI / 2 },
      { kind: 'lamp', x: -9, y: 2, size: 4.8, heading: Math.PI / 2 },
      { kind: 'lamp', x: 10, y: 2, size: 4.8, heading: Math.PI / 2 },
      { kind: 'tree', x: -26, y: 12.8, size: 5 },
      { kind: 'tree', x: 20, y: 12.8, size: 5 },
      { kind: 'bench', x: -6, y: 0.5, heading: -Math.PI / 2 },
      { kind: 'bench', x: 7, y: 0.5, heading: -Math.PI / 2 },
      { kind: 'bin', x: -7.6, y: 0.5 },
    ],
    parking: [],
  },
})
