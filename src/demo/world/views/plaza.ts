/** A paved square with trees and benches, a drive along its back. */

import type { View } from './view.ts'

const WHITE = [210, 208, 200] as const

export const plaza: View = {
  label: 'CAM 3 PLAZA',
  camera: { position: [0, -1.5, 6], yaw: -0.2, pitch: 0.36, focal: 455 },
  ground: [
    { points: [[-90, -8], [90, -8], [90, 90], [-90, 90]], colour: [150, 140, 128], texture: 'slabs', joint: 1.2 },
    { points: [[-60, 4.8], [60, 4.8], [60, 5.4], [-60, 5.4]], colour: [128, 112, 98], texture: 'cobbles', joint: 0.3 },
    { points: [[-2.6, -8], [-2, -8], [-2, 13.4], [-2.6, 13.4]], colour: [128, 112, 98], texture: 'cobbles', joint: 0.3 },
    { points: [[-60, 13.4], [60, 13.4], [60, 14.2], [-60, 14.2]], colour: [128, 112, 98], texture: 'cobbles', joint: 0.3 },
    { points: [[-60, 14.2], [60, 14.2], [60, 21.4], [-60, 21.4]], colour: [170, 166, 158], texture: 'plain' },
    { points: [[-60, 14.4], [60, 14.4], [60, 21.2], [-60, 21.2]], colour: [90, 90, 92], texture: 'asphalt' },
    { points: [[2.2, 9.4], [8.4, 9.4], [8.4, 12.4], [2.2, 12.4]], colour: [150, 148, 140], texture: 'plain' },
    { points: [[2.45, 9.65], [8.15, 9.65], [8.15, 12.15], [2.45, 12.15]], colour: [96, 118, 66], texture: 'grass' },
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
    { kind: 'lamp', x: -8.6, y: 13.2, heading: -Math.PI / 2 },
    { kind: 'lamp', x: 9.8, y: 13.2, heading: -Math.PI / 2 },
    { kind: 'bench', x: -11, y: 11.6, heading: -Math.PI / 2 },
    { kind: 'bench', x: 4, y: 8.9, heading: -Math.PI / 2 },
    { kind: 'bin', x: -9.3, y: 11.8 },
    { kind: 'bollard', x: -5, y: 13.7 },
    { kind: 'bollard', x: -2.6, y: 13.7 },
    { kind: 'bollard', x: -0.2, y: 13.7 },
    { kind: 'planter', x: -14.6, y: 7.6 },
  ],
  lanes: [
    { points: [[-40, 16.1], [30, 16.1]], place: 'road', speed: 7, stops: [{ s: 31, kerb: -0.4, why: 'kerb' }, { s: 34, kerb: 0, why: 'lane' }, { s: 37.5, kerb: -0.4, why: 'kerb' }] },
    { points: [[28, 19.5], [-44, 19.5]], place: 'road', speed: 7, stops: [{ s: 25, kerb: 0, why: 'lane' }, { s: 29, kerb: -0.5, why: 'kerb' }, { s: 33, kerb: -0.5, why: 'kerb' }] },
  ],
  walkways: [
    { points: [[-16, 6.6], [12, 6.6]], place: 'plaza', spread: 1, crosses: [], bicycles: false },
    { points: [[-24, 11], [-4, 9], [14, 7.4]], place: 'plaza', spread: 0.9, crosses: [], bicycles: false },
    { points: [[-22, 12.6], [20, 13]], place: 'plaza', spread: 0.4, crosses: [], bicycles: false },
    { points: [[-1, 0], [-3, 9], [-14, 12.6], [-26, 12.8]], place: 'plaza', spread: 0.8, crosses: [], bicycles: false },
    { points: [[-38, 15.1], [26, 15.1]], place: 'road', spread: 0.1, crosses: [0], bicycles: true },
    { points: [[-22, 9.8], [14, 8.2]], place: 'plaza', spread: 0.4, crosses: [], bicycles: true },
  ],
  gatherings: [
    { x: -2.5, y: 8.8, radius: 2, place: 'plaza', ways: [[[-18, 7], [-4, 8.6]], [[13, 7], [-1, 8.8]], [[-24, 11.5], [-4, 9.6]], [[-1, 0], [-2.4, 7]]] },
    { x: -6.5, y: 10.6, radius: 1.8, place: 'plaza', ways: [[[-22, 11], [-8, 10.6]], [[13, 7.2], [-5, 10]], [[-15, 6.4], [-7, 9.4]]] },
  ],
  parking: [{ x: 3.4, y: 20.2, heading: Math.PI }, { x: -12.2, y: 20.2, heading: Math.PI }],
}
