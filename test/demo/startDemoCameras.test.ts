import { expect, test } from 'vitest'
import { startDemoCameras } from '../../src/demo/startDemoCameras.ts'
import type { WorldOptions } from '../../src/demo/world/world.ts'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { childrenWith } from '../support/processes.ts'
import { until } from '../support/until.ts'

const world: WorldOptions = {
  view: 'street',
  light: 'day',
  weather: 'clear',
  seed: '1',
  durationSeconds: 5,
  width: 64,
  height: 36,
  startTime: 0,
}

test('a failed encoder is reported with its reason, and closing afterwards does not hang', async () => {
  // A program that is no ffmpeg: it ends at once with an error.
  const options = { cameras: [{ name: 'a', world }], fps: 5, ffmpegPath: process.execPath, port: 0 }
  const cameras = await startDemoCameras(options)
  expect(cameras.urls.a).toMatch(/^rtsp:\/\/127\.0\.0\.1:\d+\/a$/)
  expect((await cameras.failed).message).toContain("The demo's video encoder failed")
  await cameras.close()
})

test('closing stops the encoders, and the thread ends by itself', async () => {
  const { path: ffmpegPath } = await findFfmpeg()
  // A size that no other test draws.
  const cameras = await startDemoCameras({
    cameras: [{ name: 'a', world: { ...world, width: 68, height: 38 } }],
    fps: 5,
    ffmpegPath,
    port: 0,
  })
  const encoders = () => childrenWith('68x38').length
  if (process.platform === 'linux') await until(() => encoders() === 1, 'the encoder runs')
  await cameras.close()
  expect(encoders()).toBe(0)
})
