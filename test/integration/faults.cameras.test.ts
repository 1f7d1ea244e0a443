/** Cameras that misbehave, on our own RTSP server: time stamps that jump, connections opened again and again. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { firstValueFrom } from 'rxjs'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createLiveStream } from '../../src/demo/rtsp/stream.ts'
import { serveViewer } from '../../src/demo/rtsp/viewer.ts'
import { type Ffmpeg, findFfmpeg } from '../../src/sources/ffmpeg/find.ts'
import { rtsp } from '../../src/sources/rtsp.ts'
import { supervise } from '../../src/sources/supervise.ts'
import type { Frame, Signal } from '../../src/types.ts'
import { childrenWith, openFiles } from '../support/processes.ts'
import { soak } from '../support/soak.ts'

/** The twenty of sources.rtsp.test.ts are the fast form. */
const RESTARTS = soak({ fast: 6, long: 200 })
const HOUR_MS = 3_600_000

let ffmpeg: Ffmpeg
let camera: Awaited<ReturnType<typeof startCamera>>
beforeAll(async () => {
  ffmpeg = await findFfmpeg()
})
beforeEach(async () => {
  camera = await startCamera()
})
afterEach(() => camera.close())

/** A camera whose clock can be set: an encoder child, served on loopback. */
async function startCamera() {
  let offsetMs = 0
  const stream = createLiveStream('cam', () => performance.now() + offsetMs)
  const input = '-v error -re -f lavfi -i testsrc2=s=320x180:r=10'
  const output = '-c:v libx264 -preset ultrafast -tune zerolatency -g 10 -x264-params aud=1 -pix_fmt yuv420p -f h264 -'
  const encoder = spawn(ffmpeg.path, `${input} ${output}`.split(' '), { stdio: ['ignore', 'pipe', 'inherit'] })
  encoder.stdout.on('data', (chunk: Buffer) => stream.write(chunk))
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serveViewer({ socket, streamAt: () => stream, guard: null })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `rtsp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/cam`,
    jump(byMs: number) {
      offsetMs += byMs
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      const exited = once(encoder, 'close')
      encoder.kill('SIGKILL')
      await exited
    },
  }
}

function sourceOf(url: string) {
  const options = { camera: 'yard', transport: 'tcp', fps: 2, size: 32, fit: 'stretch', decode: 'all' } as const
  const deps = { ffmpeg, redact: (text: string) => text, telemetry: { emit: () => {} } }
  return rtsp({ ...options, url, snapshot: { longSide: 160, quality: 4 }, hwaccel: null, socketTimeoutMs: 5000 }, deps)
}

test('time stamps that jump an hour ahead, back, and back again: frames go on, in order', async () => {
  const signals: Signal<Frame>[] = []
  const subscription = supervise(
    () => sourceOf(camera.url),
    { camera: 'yard', fps: 2, backoff: { firstMs: 200, maxMs: 1000, authFirstMs: 60_000, authMaxMs: 60_000 } },
    { telemetry: { emit: () => {} } },
  ).subscribe(signal => signals.push(signal))
  const frames = () => signals.filter(signal => signal.kind === 'frame')
  const more = async (count: number) => {
    const before = frames().length
    await expect.poll(() => frames().length, { timeout: 40_000, interval: 100 }).toBeGreaterThanOrEqual(before + count)
  }
  try {
    await more(3)
    for (const jumpMs of [HOUR_MS, -HOUR_MS, -HOUR_MS]) {
      camera.jump(jumpMs)
      await more(5)
    }
  } finally {
    subscription.unsubscribe()
  }
  expect(frames().map(({ seq }) => seq)).toEqual(frames().map((_, place) => place))
  const times = frames().map(({ capturedAt }) => capturedAt)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  const states = signals.flatMap(signal => (signal.kind === 'status' ? [signal.state] : []))
  expect(states.at(-1)).toBe('online')
  console.log(`time stamps that jump: ${states.join(', ')}; ${frames().length} frames`)
})

test(`${RESTARTS} forced restarts: no ffmpeg stays, open files and memory are back`, { timeout: 600_000 }, async () => {
  const source = sourceOf(camera.url)
  for (let warm = 0; warm < 3; warm++) await firstValueFrom(source)
  await expect.poll(() => childrenWith('-filter_complex'), { timeout: 10_000 }).toEqual([])
  const [files, rss] = [openFiles(), process.memoryUsage.rss()]
  for (let i = 0; i < RESTARTS; i++) {
    // Every third is stopped before its first picture.
    if (i % 3 < 2) await firstValueFrom(source)
    else await new Promise<void>(resolve => setImmediate(() => resolve(source.subscribe().unsubscribe())))
  }
  await expect.poll(() => childrenWith('-filter_complex'), { timeout: 10_000 }).toEqual([])
  await expect.poll(openFiles, { timeout: 10_000 }).toBeLessThanOrEqual(files)
  const grown = (process.memoryUsage.rss() - rss) / 1e6
  expect(grown).toBeLessThan(60)
  console.log(`${RESTARTS} restarts: ${files} open files before, ${openFiles()} after; RSS ${grown.toFixed(1)} MB more`)
})
