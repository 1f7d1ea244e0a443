/** Images of the demo's scenes, to measure variants of the bundled model on. Their seeds are never used by tests. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { createCanvas, ImageData } from '@napi-rs/canvas'
import { createStudio } from '../demo/world/still.ts'
import { createRandom } from '../util/random.ts'

const DRAWN = { width: 320, height: 180 }

/** Half of them judge: with three events, one decision of 576 is 0.17 %, fine enough for a quality gate at 98 %. */
const COUNT = 384

/** Each [size, size, 3] uint8 RGB, stretched to a square as camera frames are. The same seed gives the same images. */
export async function demoPictures(
  size: number,
  { seed = 'calibration of variants', count = COUNT } = {},
): Promise<Uint8Array<ArrayBuffer>[]> {
  const studio = createStudio(DRAWN, 2)
  const random = createRandom(seed)
  const stretch = createStretch(size)
  const pictures: Uint8Array<ArrayBuffer>[] = []
  for (let i = 0; i < count; i++) {
    pictures.push(stretch(studio.still(random).draw()))
    // Drawing takes seconds altogether: signals are answered in between.
    await nextTurn()
  }
  return pictures
}

/** @returns RGBA of the drawn size → [size, size, 3] RGB */
function createStretch(size: number): (rgba: Uint8ClampedArray) => Uint8Array<ArrayBuffer> {
  const { width, height } = DRAWN
  const source = createCanvas(width, height)
  const target = createCanvas(size, size).getContext('2d')
  target.imageSmoothingQuality = 'high'
  return rgba => {
    source.getContext('2d').putImageData(new ImageData(rgba, width, height), 0, 0)
    target.drawImage(source, 0, 0, size, size)
    return withoutAlpha(target.getImageData(0, 0, size, size).data)
  }
}

function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array((rgba.length / 4) * 3)
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) rgb.set(rgba.subarray(from, from + 3), to)
  return rgb
}
