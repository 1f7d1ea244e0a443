/** Pictures of the demo's world to measure the bundled model's variants on: seeds of their own, never those of the tests. */

import sharp from 'sharp'
import { createStudio } from '../demo/world/still.ts'
import { createRandom } from '../util/random.ts'

const COUNT = 96
const DRAWN = { width: 320, height: 180 }

/** Each [size, size, 3] uint8 RGB, stretched as cameras' pictures are. Always the same. */
export async function demoPictures(size: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const studio = createStudio(DRAWN, 2)
  const random = createRandom('calibration of variants')
  const pictures: Uint8Array<ArrayBuffer>[] = []
  for (let i = 0; i < COUNT; i++) {
    const drawn = studio.still(random).draw()
    const scaled = sharp(drawn, { raw: { ...DRAWN, channels: 4 } })
      .removeAlpha()
      .resize(size, size, { fit: 'fill', kernel: 'cubic' })
    pictures.push(new Uint8Array(await scaled.raw().toBuffer()))
  }
  return pictures
}
