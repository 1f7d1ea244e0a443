/** A shopping street with two lanes, seen at an angle from a facade. */

import { rectangle } from './rectangle.ts'
import type { View } from './view.ts'

const WHITE = [214, 214, 208] as const

export const street: View = {
  label: 'CAM 1 STREET',
  camera: { position: [0.6, 0.8, 5], yaw: 0.34, pitch: 0.335, focal: 505 },
  ground: [
    { points: rectangle([-60, 120], [-5, 90]), colour: [146, 141, 134], texture: 'slabs', joint: 0.9 },
    { points: rectangle([-60, 120], [9.3, 18.6]), colour: [176, 172, 164], texture: 'plain' },
    { points: rectangle([-60, 120], [9.5, 18.4]), colour: [84, 86, 90], texture: 'asphalt' },
    { points: rectangle([-60, 120], [16.5, 18.4]), colour: [100, 98, 98], texture: 'asphalt' },
  ],
  lines: [
    { from: [-60, 12.9], to: [120, 12.9], width: 0.14, colour: WHITE, dash: [2, 2.4] },
    { from: [-60, 9.85], to: [120, 9.85], width: 0.1, colour: [196, 178, 92] },
    { from: [-60, 16.4], to: [120, 16.4], width: 0.1, colour: WHITE },
    { from: [2.6, 16.5], to: [2.6, 18.4], width: 0.1, colour: WHITE },
    { from: [8.2, 16.5], to: [8.2, 18.4], width: 0.1, colour: WHITE },
    { from: [13.8, 16.5], to: [13.8, 18.4], width: 0.1, colour: WHITE },
  ],
  facades: [
    { from: [-30, 21.6], to: [-6, 21.6], height: 11, colour: [158, 118, 96], style: 'shops', seed: 1 },
    { from: [-6, 21.6], to: [7, 21.6], height: 10, colour: [196, 184, 160], style: 'shops', seed: 2 },
    { from: [7, 21.6], to: [19, 21.6], height: 12, colour: [150, 98, 80], style: 'shops', seed: 3 },
    { from: [19, 21.6], to: [34, 21.6], height: 10, colour: [172, 176, 172], style: 'shops', seed: 4 },
    { from: [34, 21.6], to: [60, 21.6], height: 12, colour: [140, 120, 104], style: 'flats', seed: 5 },
  ],
  props: [
    { kind: 'lamp', x: 0.2, y: 19.2, size: 4.5, heading: -Math.PI / 2 },
    { kind: 'lamp', x: 17.5, y: 19.2, size: 4.5, heading: -Math.PI / 2 },
    { kind: 'tree', x: -5.5, y: 19.4, size: 5.2 },
    { kind: 'tree', x: 11.2, y: 19.4, size: 5 },
    { kind: 'tree', x: 24, y: 19.4, size: 5.4 },
    { kind: 'bin', x: 1.4, y: 19.2 },
    { kind: 'bollard', x: 9.4, y: 9.0 },
    { kind: 'bollard', x: 12.4, y: 9.0 },
  ],
  lanes: [
    {
      points: [
        [-12, 11.3],
        [26, 11.3],
      ],
      place: 'road',
      speed: 7.5,
      stops: [
        { s: 16.5, kerb: -0.45, why: 'kerb' },
        { s: 19, kerb: 0, why: 'lane' },
        { s: 21, kerb: -0.45, why: 'kerb' },
      ],
    },
    {
      points: [
        [29, 14.7],
        [-12, 14.7],
      ],
      place: 'road',
      speed: 8,
      stops: [
        { s: 19, kerb: -0.35, why: 'kerb' },
        { s: 23, kerb: 0, why: 'lane' },
        { s: 26, kerb: 0, why: 'lane' },
      ],
    },
  ],
  walkways: [
    {
      points: [
        [-5, 7.5],
        [14, 7.5],
      ],
      place: 'pavement',
      spread: 0.6,
      crosses: [],
      bicycles: false,
    },
    {
      points: [
        [15, 8.4],
        [-6, 8.2],
      ],
      place: 'pavement',
      spread: 0.4,
      crosses: [],
      bicycles: false,
    },
    {
      points: [
        [-6, 8],
        [4.5, 8.2],
        [6.4, 10.6],
        [22, 10.9],
      ],
      place: 'road',
      spread: 0.3,
      crosses: [0],
      bicycles: false,
    },
    {
      points: [
        [-7, 10.4],
        [21, 10.4],
      ],
      place: 'road',
      spread: 0.1,
      crosses: [0],
      bicycles: true,
    },
    {
      points: [
        [27, 15.8],
        [-8, 15.8],
      ],
      place: 'road',
      spread: 0.1,
      crosses: [1],
      bicycles: true,
    },
  ],
  gatherings: [
    {
      x: 4.4,
      y: 7.9,
      radius: 1.4,
      place: 'pavement',
      ways: [
        [
          [-5, 7.5],
          [3.4, 7.6],
        ],
        [
          [14, 7.5],
          [5.4, 7.7],
        ],
      ],
    },
    {
      x: 7.6,
      y: 8,
      radius: 1.3,
      place: 'pavement',
      ways: [
        [
          [-6, 8.2],
          [6.6, 8],
        ],
        [
          [15, 8.4],
          [8.6, 8.1],
        ],
      ],
    },
  ],
  parking: [
    { x: 5.4, y: 17.5, heading: Math.PI },
    { x: 11, y: 17.5, heading: Math.PI },
    { x: -0.4, y: 17.5, heading: Math.PI },
  ],
}
