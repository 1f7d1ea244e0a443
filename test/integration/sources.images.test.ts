import { copyFile, mkdir, readFile as readBytes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { images } from '../../src/sources/images.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

test('a folder of images is read by name; a broken one is reported, skipped and counted', async () => {
  const pictures = join(temporaryFolder(), 'pictures')
  await mkdir(pictures)
  const source = 'test/fixtures/sources/preprocess/car-0016.5s.png'
  await copyFile(source, join(pictures, '10.png'))
  await copyFile(source, join(pictures, '9.png'))
  await writeFile(join(pictures, '9b.png'), (await readBytes(source)).subarray(0, 5000))
  await writeFile(join(pictures, 'notes.txt'), 'not a picture')
  const telemetry = recordTelemetry()
  const deps = { ffmpeg: await findFfmpeg(), redact: (text: string) => text, telemetry }
  const options = { camera: 'album', path: pictures, fps: 2, size: 16, fit: 'crop', snapshot: null } as const
  const seen = await lastValueFrom(images(options, deps).pipe(toArray()))
  expect(seen.map(({ capturedAt }) => capturedAt)).toEqual([0, 1000])
  expect(telemetry.internalEvents).toEqual([
    { type: 'FrameReceived', camera: 'album', capturedAt: 500 },
    { type: 'DecodeErrors', camera: 'album', count: 1, last: expect.stringMatching(/9b\.png skipped: /) },
    { type: 'FramesDropped', camera: 'album', reason: 'corrupt', count: 1 },
  ])
  const glob = await lastValueFrom(images({ ...options, path: join(pictures, '1?.png') }, deps).pipe(toArray()))
  expect(glob).toHaveLength(1)
  await expect(firstValueFrom(images({ ...options, path: join(pictures, '*.jpg') }, deps))).rejects.toMatchObject({
    code: 'images-not-found',
  })
})
