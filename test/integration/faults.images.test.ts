/** A folder of damaged pictures: each is an image or a decode error, and the frame counts add up. */

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { readImages } from '../../src/sources/images.ts'
import type { InternalEvent } from '../../src/telemetry/internalEvents.ts'
import { createRandom } from '../../src/util/random.ts'
import { mutateBytes } from '../support/mutate.ts'
import { soak } from '../support/soak.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const PICTURES = soak({ fast: 30, long: 2000 })
const SIZE = 16

test(`${PICTURES} damaged images`, { timeout: soak({ fast: 400_000, long: 1_200_000 }) }, async () => {
  const ffmpeg = await findFfmpeg()
  const folder = temporaryFolder()
  const random = createRandom('pictures')
  const originals = (['png', 'mjpeg', 'bmp', 'gif'] as const).map(codec => {
    const drawn = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=64x48', '-frames:v', '1']
    return { codec, bytes: execFileSync(ffmpeg.path, [...drawn, '-c:v', codec, '-f', 'image2pipe', '-']) }
  })
  for (let i = 0; i < PICTURES; i++) {
    const { codec, bytes } = random.pick(originals)
    const ending = codec === 'mjpeg' ? 'jpg' : codec
    writeFileSync(join(folder, `${i}.${ending}`), i === 0 ? bytes : mutateBytes(bytes, random))
  }

  const internalEvents: InternalEvent[] = []
  const telemetry = { emit: (internalEvent: InternalEvent) => void internalEvents.push(internalEvent) }
  const options = { camera: 'album', path: folder, fps: 1, size: SIZE, fit: 'stretch', snapshot: null } as const
  let good = 0
  for await (const { pixels } of readImages(options, { ffmpeg, telemetry, redact: text => text })) {
    expect(pixels).toHaveLength(SIZE * SIZE * 3)
    good++
  }
  const count = (type: InternalEvent['type']) => internalEvents.filter(one => one.type === type).length
  expect(good + count('FramesDropped')).toBe(PICTURES)
  expect(count('FrameReceived')).toBe(count('FramesDropped'))
  expect(Math.min(good, count('FramesDropped'))).toBeGreaterThan(0)
  console.log(`${PICTURES} damaged pictures: ${good} read, ${count('FramesDropped')} named and skipped`)
})
