/** A zebra crossing, seen along the road it crosses. */

import { rounded } from '../paths.ts'
import { rectangle } from './rectangle.ts'
import type { View } from './view.ts'

const WHITE = [218, 218, 212] as const
const stripes = Array.from({ length: 7 }, (_, i) => -0.55 + i * 1.05)

export const crossing: View = {
  label: 'CAM 2 CROSSING',
  camera: { position: [-4.2, 0.6, 5.5], yaw: 0.3, pitch: 0.3, focal: 560 },
  ground: [
    { points: rectangle([-60, 120], [-5, 120]), colour: [140, 138, 134], texture: 'slabs', joint: 1 },
    { points: rectangle([-1.2, 6.6], [-5, 120]), colour: [178, 174, 166], texture: 'plain' },
    { points: rectangle([-60, 120], [29.8, 38.2]), colour: [178, 174, 166], texture: 'plain' },
    { points: rectangle([-1, 6.4], [-5, 120]), colour: [82, 84, 88], texture: 'asphalt' },
    { points: rectangle([-60, 120], [30, 38]), colour: [82, 84, 88], texture: 'asphalt' },
    { points: rectangle([-1.3, -3.4], [11.2, 14.8]), colour: [186, 170, 112], texture: 'cobbles', joint: 0.3 },
    { points: rectangle([6.7, 8.4], [11.2, 14.8]), colour: [186, 170, 112], texture: 'cobbles', joint: 0.3 },
  ],
  lines: [
    { from: [2.7, -5], to: [2.7, 9.6], width: 0.14, colour: WHITE },
    { from: [2.7, 16.6], to: [2.7, 29], width: 0.14, colour: WHITE, dash: [1.6, 1.8] },
    { from: [-0.9, 16.4], to: [2.6, 16.4], width: 0.34, colour: WHITE },
    { from: [2.8, 9.7], to: [6.3, 9.7], width: 0.34, colour: WHITE },
    ...stripes.map(x => ({ from: [x, 11.2] as const, to: [x, 14.8] as const, width: 0.52, colour: WHITE })),
  ],
  facades: [
    { from: [-40, 60], to: [60, 60], height: 12, colour: [150, 150, 152], style: 'flats', seed: 11 },
    { from: [-40, 40.5], to: [-8, 40.5], height: 11, colour: [176, 150, 122], style: 'flats', seed: 12 },
    { from: [-8, 40.5], to: [12, 40.5], height: 13, colour: [136, 100, 86], style: 'flats', seed: 13 },
    { from: [12, 40.5], to: [60, 40.5], height: 11, colour: [182, 178, 166], style: 'flats', seed: 14 },
    { from: [-7, 10], to: [-7, 28], height: 10, colour: [168, 150, 130], style: 'flats', seed: 15, hides: true },
    { from: [-16, 10], to: [-7, 10], height: 10, colour: [150, 132, 114], style: 'flats', seed: 18 },
    { from: [-40, 28], to: [-7, 28], height: 10, colour: [150, 134, 116], style: 'wall', seed: 15 },
    { from: [10.4, 28], to: [10.4, 15], height: 11, colour: [186, 160, 128], style: 'shops', seed: 16, hides: true },
    { from: [10.4, 15], to: [10.4, 2], height: 11, colour: [140, 140, 146], style: 'shops', seed: 17, hides: true },
  ],
  props: [
    { kind: 'lamp', x: 7.3, y: 16.2, size: 5, heading: Math.PI },
    { kind: 'lamp', x: -1.9, y: 23, size: 5, heading: 0 },
    { kind: 'sign', x: 7.1, y: 10.6 },
    { kind: 'sign', x: -1.7, y: 15.6 },
    { kind: 'tree', x: 8.2, y: 21, size: 5.4 },
    { kind: 'tree', x: 7.9, y: 26.5, size: 5.2 },
    { kind: 'tree', x: -2.6, y: 27, size: 5 },
    { kind: 'bin', x: 7.4, y: 18.2 },
  ],
  lanes: [
    {
      points: rounded(
        [
          [26, 35.6],
          [0.75, 35.6],
          [0.75, -6],
        ],
        5,
      ),
      place: 'road',
      speed: 7,
      stops: [
        { s: 40.2, kerb: 0, why: 'crossing' },
        { s: 41, kerb: 0, why: 'crossing' },
        { s: 33, kerb: -0.4, why: 'kerb' },
      ],
    },
    {
      points: rounded(
        [
          [4.6, -4],
          [4.6, 32.4],
          [28, 32.4],
        ],
        5,
      ),
      place: 'road',
      speed: 7,
      stops: [
        { s: 23, kerb: -0.45, why: 'kerb' },
        { s: 21, kerb: -0.3, why: 'kerb' },
      ],
    },
  ],
  walkways: [
    {
      points: [
        [9.4, 4],
        [9.2, 13],
        [-2.6, 13],
        [-4.6, 7],
        [-7.5, 3],
      ],
      place: 'crossing',
      spread: 0.6,
      crosses: [0, 1],
      bicycles: false,
    },
    {
      // from the flats to the shop
      points: [
        [-8.2, 14.6],
        [-4.4, 13.8],
        [-2.6, 13.2],
        [9, 13.2],
        [11.6, 14],
      ],
      place: 'crossing',
      spread: 0.4,
      crosses: [0, 1],
      bicycles: false,
    },
    {
      points: [
        [9.6, 4],
        [9.2, 15],
        [11.6, 16.6],
      ],
      place: 'pavement',
      spread: 0.4,
      crosses: [],
      bicycles: false,
    },
    {
      points: [
        [-8.2, 15],
        [-5.2, 14.4],
        [-3.4, 9],
        [-7, 3],
      ],
      place: 'pavement',
      spread: 0.4,
      crosses: [],
      bicycles: false,
    },
    {
      points: [
        [6, 2],
        [6, 31.2],
        [25, 31.2],
      ],
      place: 'road',
      spread: 0.05,
      crosses: [1],
      bicycles: true,
    },
  ],
  gatherings: [
    {
      x: 8.3,
      y: 14.4,
      radius: 1.3,
      place: 'pavement',
      ways: [
        [
          [9.4, 4],
          [8.8, 13.4],
        ],
        [
          [11.6, 16.6],
          [9.6, 15.6],
          [8.8, 14.6],
        ],
      ],
    },
    {
      x: -3.3,
      y: 12.6,
      radius: 1.3,
      place: 'pavement',
      ways: [
        [
          [-7.5, 3],
          [-3.6, 11.6],
        ],
        [
          [-8.2, 15],
          [-5, 14],
          [-3.5, 13.4],
        ],
      ],
    },
  ],
  parking: [{ x: 5.3, y: 24.6, heading: Math.PI / 2 }],
}
