/** A paved square with trees and benches, a drive along its back. */

import { rectangle } from './rectangle.ts'
import type { View } from './view.ts'

const WHITE = [210, 208, 200] as const

export const plaza: View = {
  label: 'CAM 3 PLAZA',
  camera: { position: [0, -1.5, 5.8], yaw: -0.2, pitch: 0.31, focal: 560 },
  ground: [
    { points: rectangle([-90, 90], [-8, 90]), colour: [150, 140, 128], texture: 'slabs', joint: 1.2 },
    { points: rectangle([-60, 60], [4.8, 5.4]), colour: [128, 112, 98], texture: 'cobbles', joint: 0.3 },
    { points: rectangle([-2.6, -2], [-8, 13.4]), colour: [128, 112, 98], texture: 'cobbles', joint: 0.3 },
    { points: rectangle([-60, 60], [13.4, 14.2]), colour: [128, 112, 98], texture: 'cobbles', joint: 0.3 },
    { points: rectangle([-60, 60], [14.2, 21.4]), colour: [170, 166, 158], texture: 'plain' },
    { points: rectangle([-60, 60], [14.4, 21.2]), colour: [90, 90, 92], texture: 'asphalt' },
    { points: rectangle([2.2, 8.4], [9.4, 12.4]), colour: [150, 148, 140], texture: 'plain' },
    { points: rectangle([2.45, 8.15], [9.65, 12.15]), colour: [96, 118, 66], texture: 'grass' },
  ],
  lines: [
    { from: [-60, 17.8], to: [60, 17.8], width: 0.12, colour: WHITE, dash: [1.5, 2] },
    { from: [-60, 20.9], to: [60, 20.9], width: 0.1, colour: [190, 170, 90] },
  ],
  facades: [
    { from: [-50, 24], to: [-20, 24], height: 9, colour: [176, 168, 152], style: 'office', seed: 21 },
    { from: [-20, 24], to: [-7, 24], height: 11, colour: [146, 104, 86], style: 'shops', seed: 22 },
    { from: [-7, 24], to: [6, 24], height: 10, colour: [202, 190, 168], style: 'shops', seed: 23 },
    { from: [6, 24], to: [30, 24], height: 11, colour: [150, 154, 160], style: 'office', seed: 24 },
  ],
  props: [
    { kind: 'tree', x: 5.3, y: 10.9, size: 4.6 },
    { kind: 'tree', x: -13.5, y: 12.8, size: 5 },
    { kind: 'tree', x: -19, y: 12.8, size: 5 },
    { kind: 'tree', x: 13, y: 12.8, size: 5 },
    { kind: 'lamp', x: -8.6, y: 13.2, size: 4.8, heading: -Math.PI / 2 },
    { kind: 'lamp', x: 9.8, y: 13.2, size: 4.8, heading: -Math.PI / 2 },
    { kind: 'bench', x: -11, y: 11.6, heading: -Math.PI / 2 },
    { kind: 'bench', x: 1.3, y: 12.2, heading: -Math.PI / 2 },
    { kind: 'bin', x: -9.3, y: 11.8 },
    { kind: 'bollard', x: -5, y: 13.7 },
    { kind: 'bollard', x: -2.6, y: 13.7 },
    { kind: 'bollard', x: -0.2, y: 13.7 },
  ],
  lanes: [
    {
      points: [
        [-24, 16.1],
        [16, 16.1],
      ],
      place: 'road',
      speed: 7,
      stops: [
        { s: 15.5, kerb: -0.4, why: 'kerb' },
        { s: 18, kerb: 0, why: 'lane' },
        { s: 21, kerb: -0.4, why: 'kerb' },
      ],
    },
    {
      points: [
        [17, 19.5],
        [-27, 19.5],
      ],
      place: 'road',
      speed: 7,
      stops: [
        { s: 15, kerb: 0, why: 'lane' },
        { s: 19, kerb: -0.5, why: 'kerb' },
        { s: 23, kerb: -0.5, why: 'kerb' },
      ],
    },
  ],
  walkways: [
    {
      points: [
        [-11, 8.3],
        [7, 8],
      ],
      place: 'plaza',
      spread: 0.6,
      crosses: [],
      bicycles: false,
    },
    {
      points: [
        [-14, 10.2],
        [-4, 9],
        [8, 8],
      ],
      place: 'plaza',
      spread: 0.8,
      crosses: [],
      bicycles: false,
    },
    {
      points: [
        [-15, 12.6],
        [9, 12.9],
      ],
      place: 'plaza',
      spread: 0.4,
      crosses: [],
      bicycles: false,
    },
    {
      points: [
        [-1.5, 4],
        [-3, 9],
        [-10, 12.4],
        [-17, 12.8],
      ],
      place: 'plaza',
      spread: 0.7,
      crosses: [],
      bicycles: false,
    },
    {
      points: [
        [-22, 15.1],
        [13, 15.1],
      ],
      place: 'road',
      spread: 0.1,
      crosses: [0],
      bicycles: true,
    },
    {
      points: [
        [-15, 9.8],
        [10, 8.4],
      ],
      place: 'plaza',
      spread: 0.4,
      crosses: [],
      bicycles: true,
    },
  ],
  gatherings: [
    {
      x: -2.2,
      y: 9.4,
      radius: 1.9,
      place: 'plaza',
      ways: [
        [
          [-11, 8.4],
          [-4, 8.8],
        ],
        [
          [7, 8],
          [-1, 9],
        ],
        [
          [-14, 11],
          [-4, 9.6],
        ],
        [
          [-1.5, 4],
          [-2.4, 7],
        ],
      ],
    },
    {
      x: -5.6,
      y: 11,
      radius: 1.8,
      place: 'plaza',
      ways: [
        [
          [-14, 11],
          [-8, 10.6],
        ],
        [
          [7, 8],
          [-5, 10],
        ],
        [
          [-11, 8],
          [-7, 9.4],
        ],
      ],
    },
  ],
  parking: [
    { x: 3.4, y: 20.2, heading: Math.PI },
    { x: -12.2, y: 20.2, heading: Math.PI },
  ],
}
