/** Pictures of the demo's world to measure the bundled model's variants on: seeds of their own, never those of the tests. */

import sharp from 'sharp'
import { createStudio } from '../demo/world/still.ts'
import { createRandom } from '../util/random.ts'

const DRAWN = { width: 320, height: 180 }

/** Half of them judge: with three events one decision of 576 is 0.17 %, fine enough for a gate at 98 %. */
const COUNT = 384

/** Each [size, size, 3] uint8 RGB, stretched as cameras' pictures are. The same seed gives the same pictures. */
export async function demoPictures(
  size: number,
  { seed = 'calibration of variants', count = COUNT } = {},
): Promise<Uint8Array<ArrayBuffer>[]> {
  const studio = createStudio(DRAWN, 2)
  const random = createRandom(seed)
  const pictures: Uint8Array<ArrayBuffer>[] = []
  for (let i = 0; i < count; i++) {
    const drawn = studio.still(random).draw()
    const scaled = sharp(drawn, { raw: { ...DRAWN, channels: 4 } })
      .removeAlpha()
      .resize(size, size, { fit: 'fill', kernel: 'cubic' })
    pictures.push(new Uint8Array(await scaled.raw().toBuffer()))
  }
  return pictures
}
