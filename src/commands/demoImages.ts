/** Renders images of the demo scenes for measuring the bundled model; tests never use their seeds. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { createStillRenderer } from '../demo/world/stillRenderer.ts'
import { createRandom } from '../util/random.ts'
import { resizeBicubic } from '../util/resizeBicubic.ts'

const DRAWN = { width: 320, height: 180 }

/** Half of them judge: with three events, one decision of 576 is 0.17 %, fine enough for a quality gate at 98 %. */
const COUNT = 384

/** Each [size, size, 3] uint8 RGB, stretched to a square as camera frames are. The same seed makes the same images. */
export async function demoImages(
  size: number,
  { seed = 'calibration of variants', count = COUNT } = {},
): Promise<Uint8Array<ArrayBuffer>[]> {
  const studio = createStillRenderer(DRAWN, 2)
  const random = createRandom(seed)
  const resize = resizeBicubic(DRAWN, size)
  const images: Uint8Array<ArrayBuffer>[] = []
  for (let i = 0; i < count; i++) {
    images.push(resize(studio.still(random).draw()))
    // Drawing takes seconds altogether: signals are answered in between.
    await nextTurn()
  }
  return images
}
