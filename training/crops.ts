/** Crops of far scenes, as the live path makes them: square windows of the model's size, copied out of a detail image. */

import type { Sharp } from 'sharp'
import type { SceneObject, SceneTruth } from '../src/demo/world/world.ts'
import type { Random } from '../src/util/random.ts'

export interface Crop {
  /** [size, size, 3] uint8 RGB */
  readonly pixels: Buffer
  /** The truth of what lies inside the window; boxes are fractions of it. */
  readonly truth: SceneTruth
}

export interface CropOptions {
  /** A far scene, RGB. */
  readonly image: Sharp
  readonly width: number
  readonly height: number
  readonly truth: SceneTruth
  /** Pixels, the model's input side. */
  readonly size: number
}

/** Windows around objects, and without any, for each image. */
const [AROUND, EMPTY] = [4, 1]
/** Heights of the detail image in model sizes: `detail: auto` makes it three, and some cameras have less. */
const [LOWEST, HIGHEST] = [2.4, 3.6]
/** Objects and crops of which less is inside the window are not part of its truth. */
const LEAST_INSIDE = 0.05

/** Crops around random moving or parked objects of the image, some off centre, and around nothing. */
export async function cropsOf({ image, truth, size, ...source }: CropOptions, random: Random): Promise<Crop[]> {
  const height = Math.round(size * random.between(LOWEST, HIGHEST))
  const width = Math.round((height * source.width) / source.height)
  const detail = scaleByArea(await image.raw().toBuffer(), source, { width, height })
  const centres = [...around(truth.objects, random), ...Array.from({ length: EMPTY }, () => anywhere(random))]
  return centres.map(([x, y]) => {
    const left = within(Math.round(x * width - size / 2), width - size)
    const top = within(Math.round(y * height - size / 2), height - size)
    const rows = Array.from({ length: size }, (_, row) => {
      const start = ((top + row) * width + left) * 3
      return detail.subarray(start, start + size * 3)
    })
    const window = [left / width, top / height, size / width, size / height] as const
    return { pixels: Buffer.concat(rows), truth: truthInside(truth, window) }
  })
}

type Spot = readonly [number, number]

/** A part of a window beside their middle: the live path centres on what moved, which may be a part of it. */
function around(objects: readonly SceneObject[], random: Random): Spot[] {
  const seen = objects.filter(({ visible }) => visible >= 0.2)
  const left = seen.filter(({ action }) => action !== 'parked' || random.chance(0.25))
  const spots: Spot[] = []
  while (spots.length < AROUND && left.length > 0) {
    const [{ box }] = left.splice(random.integer(0, left.length - 1), 1) as [SceneObject]
    spots.push([box[0] + box[2] / 2 + random.normal(0, 0.02), box[1] + box[3] / 2 + random.normal(0, 0.035)])
  }
  return spots
}

/** Mostly where people and vehicles could be. */
function anywhere(random: Random): Spot {
  return [random.next(), random.between(random.chance(0.8) ? 0.4 : 0, 1)]
}

interface Size {
  readonly width: number
  readonly height: number
}

/** As ffmpeg's `area` scaler does for the detail image: each new pixel is the mean of what it covers. [h, w, 3] uint8 → [h, w, 3] uint8. */
function scaleByArea(pixels: Uint8Array, from: Size, to: Size): Buffer {
  const columns = coverOf(from.width, to.width)
  const rows = coverOf(from.height, to.height)
  const narrow = new Float32Array(from.height * to.width * 3)
  for (let y = 0; y < from.height; y++) {
    for (const [x, cover] of columns.entries()) {
      for (const [column, share] of cover) {
        const [source, target] = [(y * from.width + column) * 3, (y * to.width + x) * 3]
        for (let c = 0; c < 3; c++) narrow[target + c] = (narrow[target + c] ?? 0) + share * (pixels[source + c] ?? 0)
      }
    }
  }
  const scaled = Buffer.alloc(to.height * to.width * 3)
  for (const [y, cover] of rows.entries()) {
    for (let i = 0; i < to.width * 3; i++) {
      const sum = cover.reduce((total, [row, share]) => total + share * (narrow[row * to.width * 3 + i] ?? 0), 0)
      scaled[y * to.width * 3 + i] = Math.round(sum)
    }
  }
  return scaled
}

/** For each new pixel, the old ones it covers with their shares, which sum to 1. */
function coverOf(from: number, to: number): [index: number, share: number][][] {
  const ratio = from / to
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [i * ratio, Math.min(from, (i + 1) * ratio)]
    const first = Math.floor(start)
    return Array.from({ length: Math.ceil(end) - first }, (_, n): [number, number] => {
      const index = first + n
      return [index, (Math.min(end, index + 1) - Math.max(start, index)) / (end - start)]
    })
  })
}

/** @param window [left, top, width, height] in fractions of the image */
export function truthInside(truth: SceneTruth, window: readonly [number, number, number, number]): SceneTruth {
  const objects = truth.objects.flatMap((object): SceneObject[] => {
    const [left, top, width, height] = object.box
    const x = [Math.max(left, window[0]), Math.min(left + width, window[0] + window[2])] as const
    const y = [Math.max(top, window[1]), Math.min(top + height, window[1] + window[3])] as const
    if (x[1] <= x[0] || y[1] <= y[0]) return []
    const inside = ((x[1] - x[0]) * (y[1] - y[0])) / (width * height)
    if (inside < LEAST_INSIDE) return []
    const box = [
      (x[0] - window[0]) / window[2],
      (y[0] - window[1]) / window[3],
      (x[1] - x[0]) / window[2],
      (y[1] - y[0]) / window[3],
    ] as const
    return [{ ...object, box, visible: object.visible * inside }]
  })
  return { ...truth, objects, people: objects.filter(o => o.kind === 'person' && o.visible >= 0.5).length }
}

function within(value: number, most: number): number {
  return Math.max(0, Math.min(most, value))
}
