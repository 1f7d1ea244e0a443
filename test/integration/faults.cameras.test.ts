/** Cameras that misbehave, on our own RTSP server: time stamps that jump, connections opened again and again. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { firstValueFrom } from 'rxjs'
import { afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { createLiveStream } from '../../src/demo/rtsp/liveStream.ts'
import { serveViewer } from '../../src/demo/rtsp/serveViewer.ts'
import { type Ffmpeg, findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { imageParts } from '../../src/sources/imageParts.ts'
import { rtsp } from '../../src/sources/rtsp.ts'
import { supervise } from '../../src/sources/supervise.ts'
import type { Frame, Signal } from '../../src/types.ts'
import { createRandom } from '../../src/util/random.ts'
import { mutateBytes } from '../support/mutate.ts'
import { childrenWith, openFiles } from '../support/processes.ts'
import { soak } from '../support/soak.ts'

/** The twenty of sources.rtspServer.test.ts are the fast form. */
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
  const shape = { fps: 2, size: 32, fit: 'stretch', ...imageParts({}) } as const
  const options = { camera: 'yard', transport: 'tcp', decode: 'all', ...shape } as const
  const deps = { ffmpeg, redact: (text: string) => text, telemetry: { emit: () => {} } }
  return rtsp({ ...options, url, snapshot: { longSide: 160, quality: 4 }, hwaccel: null, silenceTimeoutMs: 5000 }, deps)
}

/** A wire to the camera that damages what it carries on command. */
async function startWire(toPort: number) {
  const random = createRandom('wire')
  const sockets = new Set<Socket>()
  let share = 0
  let damaged = 0
  const server = createServer(near => {
    const far = connect(toPort, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => one.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
    near.on('data', chunk => far.write(chunk))
    far.on('data', chunk => {
      const spoil = random.chance(share)
      if (spoil) damaged++
      near.write(spoil ? mutateBytes(chunk, random) : chunk)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return {
    url: `rtsp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/cam`,
    /** Of the chunks that the camera sends. */
    damage(newShare: number) {
      share = newShare
    },
    damaged: () => damaged,
  }
}

/** Supervised until the test is over, with short timeouts and short pauses. */
function follow(url: string) {
  const signals: Signal<Frame>[] = []
  const subscription = supervise(
    () => sourceOf(url),
    {
      camera: 'yard',
      fps: 2,
      stallTimeoutMs: 3000,
      backoff: { firstMs: 200, quickMs: 400, quickRetries: 2, maxMs: 1000, authFirstMs: 1000, authMaxMs: 1000 },
    },
    { telemetry: { emit: () => {} } },
  ).subscribe(signal => signals.push(signal))
  onTestFinished(() => subscription.unsubscribe())
  const frames = () => signals.filter(signal => signal.kind === 'frame')
  return {
    frames,
    states: () => signals.flatMap(signal => (signal.kind === 'status' ? [signal.reason ?? signal.state] : [])),
    async more(count: number) {
      const before = frames().length
      await expect
        .poll(() => frames().length, { timeout: 60_000, interval: 100 })
        .toBeGreaterThanOrEqual(before + count)
    },
  }
}

test('a wire that damages the stream: the camera is there again when the wire is good again', {
  timeout: 400_000,
}, async () => {
  const wire = await startWire(Number(new URL(camera.url).port))
  const { frames, states, more } = follow(wire.url)
  await more(3)
  wire.damage(0.3)
  const enough = soak({ fast: 8, long: 80 })
  await expect.poll(wire.damaged, { timeout: 240_000, interval: 100 }).toBeGreaterThan(enough)
  wire.damage(0)
  await more(10)
  expect(states().at(-1)).toBe('online')
  for (const { pixels } of frames()) expect(pixels).toHaveLength(32 * 32 * 3)
  const losses = states().filter(state => !['connecting', 'online'].includes(state))
  console.log(
    `${wire.damaged()} damaged chunks: ${frames().length} frames, lost ${losses.length} times (${[...new Set(losses)]})`,
  )
})

test('time stamps that jump an hour ahead, back, and back again: frames go on, in order', async () => {
  const { frames, states, more } = follow(camera.url)
  await more(3)
  for (const jumpMs of [HOUR_MS, -HOUR_MS, -HOUR_MS]) {
    camera.jump(jumpMs)
    await more(5)
  }
  expect(frames().map(({ seq }) => seq)).toEqual(frames().map((_, place) => place))
  const times = frames().map(({ capturedAt }) => capturedAt)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(states().at(-1)).toBe('online')
  console.log(`time stamps that jump: ${states().join(', ')}; ${frames().length} frames`)
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
