/** Types of a person: appearance, stance and projected limbs. */

import type { Rgb } from '../paint.ts'
import type { Bounds } from './item.ts'

export interface PersonLook {
  /** Metres. */
  readonly height: number
  readonly skin: Rgb
  readonly hair: Rgb
  readonly top: Rgb
  readonly bottom: Rgb
  readonly shoes: Rgb
  readonly coat: boolean
  readonly skirt: boolean
  readonly longHair: boolean
  readonly hat: boolean
  readonly bag: 'none' | 'backpack' | 'shopping'
  readonly umbrella: boolean
  readonly bagColour: Rgb
}

export interface Stance {
  readonly x: number
  readonly y: number
  readonly heading: number
  /** Metres walked so far: drives the gait. */
  readonly travelled: number
  /** 0 = stands still, 1 = full stride. */
  readonly stride: number
}

/** One round-ended limb in the image: from, to, radius at both ends, logical pixels. */
export interface Limb {
  readonly name:
    | 'leg'
    | 'shin'
    | 'shoe'
    | 'arm'
    | 'forearm'
    | 'hand'
    | 'torso'
    | 'coat'
    | 'head'
    | 'hair'
    | 'bag'
    | 'umbrella'
  readonly side: -1 | 0 | 1
  readonly from: readonly [number, number, number]
  readonly to: readonly [number, number, number]
  readonly radius: number
  readonly endRadius: number
}

/** Metres that a grown person walks in two steps. */
export const STRIDE_METRES = 1.45

export function limbBounds(limbs: readonly Limb[]): Bounds {
  const boxes = limbs.map(
    ({ from, to, radius, endRadius }) =>
      [
        Math.min(from[0] - radius, to[0] - endRadius),
        Math.min(from[1] - radius, to[1] - endRadius),
        Math.max(from[0] + radius, to[0] + endRadius),
        Math.max(from[1] + radius, to[1] + endRadius),
      ] as const,
  )
  return [
    Math.min(...boxes.map(box => box[0])),
    Math.min(...boxes.map(box => box[1])),
    Math.max(...boxes.map(box => box[2])),
    Math.max(...boxes.map(box => box[3])),
  ]
}
