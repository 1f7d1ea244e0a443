import { expect, test } from 'vitest'
import { startDemoCameras } from '../../src/demo/startDemoCameras.ts'
import type { WorldOptions } from '../../src/demo/world/world.ts'

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
