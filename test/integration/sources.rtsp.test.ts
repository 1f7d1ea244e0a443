import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Ffmpeg, findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { probe } from '../../src/sources/probe.ts'
import { type RtspOptions, rtsp } from '../../src/sources/rtsp.ts'
import { supervise } from '../../src/sources/supervise.ts'
import type { InternalEvent } from '../../src/telemetry/internalEvents.ts'
import type { Frame, Signal } from '../../src/types.ts'
import { createRedactor } from '../../src/util/redactor.ts'
import { childrenWith, commandLine, openFiles } from '../support/processes.ts'
import { hasRtspServer, type RtspServer, type RtspServerOptions, startRtspServer } from '../support/rtspServer.ts'
import { startStreamCamera } from '../support/streamCamera.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

let ffmpeg: Ffmpeg
beforeAll(async () => {
  ffmpeg = await findFfmpeg()
})

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  await expect.poll(() => childrenWith('-filter_complex'), { timeout: 10_000 }).toEqual([])
})

async function serve(options: RtspServerOptions = {}): Promise<RtspServer> {
  const server = await startRtspServer(options)
  cleanups.push(() => server.stop())
  return server
}

/** A port with a scripted reaction to each connection. */
async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

const DEFAULTS = {
  camera: 'yard',
  transport: 'tcp',
  fps: 2,
  size: 32,
  fit: 'stretch',
  decode: 'all',
  snapshot: null,
  hwaccel: null,
  silenceTimeoutMs: 3000,
} as const

/** The binary of the optional npm package, if it is installed on this platform. */
const shipped = shippedFfmpeg()

function shippedFfmpeg(): string | undefined {
  try {
    return createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg').path
  } catch {
    console.warn('skipped: @ffmpeg-installer/ffmpeg is not installed')
    return undefined
  }
}

function cameraOf(url: string, options: Partial<RtspOptions> = {}) {
  const internalEvents: InternalEvent[] = []
  const deps = {
    ffmpeg,
    redact: createRedactor(),
    telemetry: { emit: (what: InternalEvent) => internalEvents.push(what) },
  }
  const source = rtsp({ ...DEFAULTS, url, ...options }, deps)
  return { source, internalEvents, deps }
}

/** Signals of a supervised camera, collected while it runs; it is stopped after the test. */
function follow(url: string, options: Partial<RtspOptions> & { stallTimeoutMs?: number } = {}) {
  const { stallTimeoutMs = 5000, ...camera } = options
  let onWaiting = () => {}
  const { source, internalEvents, deps } = cameraOf(url, { ...camera, onWaiting: () => onWaiting() })
  const signals: Signal<Frame>[] = []
  const backoff = { firstMs: 200, quickMs: 400, quickRetries: 2, maxMs: 1000, authFirstMs: 120_000, authMaxMs: 900_000 }
  const open = (stillWaiting: () => void) => {
    onWaiting = stillWaiting
    return source
  }
  const subscription = supervise(open, { camera: 'yard', stallTimeoutMs, backoff }, deps).subscribe(signal =>
    signals.push(signal),
  )
  cleanups.push(() => subscription.unsubscribe())
  const frames = () => signals.filter(signal => signal.kind === 'frame')
  const states = () => signals.flatMap(signal => (signal.kind === 'status' ? [signal.reason ?? signal.state] : []))
  return { signals, frames, states, internalEvents, subscription }
}

/** Ten pictures a second for `seconds`, a keyframe every `keyframeEvery` of them. */
async function encode({ size = '160x120', seconds = 8, keyframeEvery = 40 } = {}): Promise<string> {
  const folder = temporaryFolder()
  const path = join(folder, 'video.h264')
  const input = ['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=s=${size}:r=10:d=${seconds}`, '-c:v', 'libx264']
  const group = ['-g', String(keyframeEvery), '-keyint_min', String(keyframeEvery), '-sc_threshold', '0', '-bf', '0']
  const slices = ['-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1', '-pix_fmt', 'yuv420p', '-f', 'h264']
  execFileSync(ffmpeg.path, [...input, ...group, ...slices, path])
  return path
}

const within = (timeout: number) => ({ timeout, interval: 50 })

describe.skipIf(!hasRtspServer())('a camera on a real RTSP server', () => {
  test.each(['tcp', 'udp'] as const)('delivers frames with their snapshots over %s', async transport => {
    const { url } = await serve()
    const { source } = cameraOf(url, { transport, snapshot: { longSide: 240, quality: 4 } })
    const pictures = await lastValueFrom(source.pipe(take(4), toArray()))
    for (const { pixels, jpeg, size } of pictures) {
      expect([size, pixels.length]).toEqual([32, 32 * 32 * 3])
      expect([...(jpeg ?? []).slice(0, 2), ...(jpeg ?? []).slice(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9])
    }
    const seconds = ((pictures.at(-1)?.capturedAt ?? 0) - (pictures[1]?.capturedAt ?? 0)) / 1000
    expect(seconds).toBeGreaterThan(0.5)
    expect(seconds).toBeLessThan(3)
  })

  test('a password opens it and is in no process list', async () => {
    const { url } = await serve({ login: { user: 'bob', password: "hunter22 '&%" } })
    const { source } = cameraOf(url)
    const first = firstValueFrom(source)
    await expect.poll(() => childrenWith('-filter_complex'), within(10_000)).toHaveLength(1)
    const line = commandLine(childrenWith('-filter_complex')[0] ?? 0)
    expect(line).toContain('rtsp://127.0.0.1:')
    expect(line).not.toMatch(/hunter22|bob|\/cam\b/)
    expect((await first).pixels).toHaveLength(32 * 32 * 3)
  })

  test('a wrong password is lost by auth, waits minutes, and the message does not contain the password', async () => {
    const { port } = await serve({ login: { user: 'bob', password: 'right' } })
    const { signals, states, internalEvents } = follow(`rtsp://bob:hunter22@127.0.0.1:${port}/cam`)
    await expect.poll(states, within(20_000)).toEqual(['connecting', 'auth'])
    expect(signals.at(-1)).toMatchObject({ state: 'offline', reason: 'auth' })
    const last = signals.at(-1)
    expect(last?.kind === 'status' && last.retryInMs).toBeGreaterThanOrEqual(60_000)
    expect(JSON.stringify([signals, internalEvents])).not.toContain('hunter22')
  })

  test('a path that is not there is lost by not-found', async () => {
    const { port } = await serve()
    await expect(firstValueFrom(cameraOf(`rtsp://127.0.0.1:${port}/other`).source)).rejects.toMatchObject({
      reason: 'not-found',
    })
  })

  test('auto stays with keyframes when they are frequent, and decodes all when they are not', async () => {
    const { url } = await serve()
    const slow = cameraOf(url, { decode: 'auto', fps: 1 })
    await lastValueFrom(slow.source.pipe(take(4)))
    const fast = cameraOf(url, { decode: 'auto', fps: 5 })
    const pictures = await lastValueFrom(fast.source.pipe(take(14), toArray()))
    const gaps = pictures.slice(-5).map(({ capturedAt }, i, all) => capturedAt - (all[i - 1]?.capturedAt ?? capturedAt))
    expect(gaps.reduce((a, b) => a + b) / 4).toBeLessThan(600)
  })

  test.skipIf(!shipped && !process.env.CI)(
    'the ffmpeg 4.1 that npm ships opens a named host with a password',
    async () => {
      const { url } = await serve({ login: { user: 'bob', password: 'hunter22' } })
      const old = await findFfmpeg({ configured: shipped })
      expect(old).toMatchObject({ version: { major: 4 } })
      const named = rtsp(
        { ...DEFAULTS, url: url.replace('127.0.0.1', 'localhost'), snapshot: { longSide: 64, quality: 4 } },
        { ffmpeg: old, redact: text => text, telemetry: { emit: () => {} } },
      )
      const pictures = await lastValueFrom(named.pipe(take(2), toArray()))
      expect(pictures.map(({ jpeg }) => jpeg?.[0])).toEqual([0xff, 0xff])
    },
  )

  test('killed and started again, it comes back by itself and counts on', async () => {
    const first = await serve()
    const { frames, states } = follow(first.url)
    await expect.poll(() => frames().length, within(20_000)).toBeGreaterThan(1)
    await first.stop()
    await expect.poll(states, within(20_000)).toContain('refused')
    const before = frames().length
    await serve({ port: first.port })
    await expect.poll(() => frames().length, within(30_000)).toBeGreaterThan(before + 1)
    expect(frames().map(({ seq }) => seq)).toEqual(frames().map((_, i) => i))
    expect(states().at(-1)).toBe('online')
  })

  test('a picture size that changes mid-stream is survived', async () => {
    const folder = temporaryFolder()
    const parts = ['160x120', '320x180'].map(size => {
      const args = ['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=s=${size}:r=10:d=3`, '-c:v', 'libx264', '-bf', '0']
      return execFileSync(ffmpeg.path, [...args, '-g', '5', '-pix_fmt', 'yuv420p', '-f', 'h264', '-'])
    })
    const video = join(folder, 'both.h264')
    await writeFile(video, Buffer.concat(parts))
    const { url } = await serve({ video })
    const plain = follow(url)
    const { frames, states } = follow(url, { snapshot: { longSide: 320, quality: 4 } })
    await expect.poll(() => Math.min(plain.frames().length, frames().length), within(40_000)).toBeGreaterThan(14)
    // Without snapshots nothing is noticed; with them the camera is opened again.
    expect(plain.states()).toEqual(['connecting', 'online'])
    expect(states().slice(0, 5)).toEqual(['connecting', 'online', 'eof', 'connecting', 'online'])
  })

  test('a black hole is noticed within the stall timeout; the other camera is not affected', async () => {
    const [hole, good] = await Promise.all([serve(), serve()])
    const one = follow(hole.url, { stallTimeoutMs: 6000 })
    const two = follow(good.url, { stallTimeoutMs: 6000 })
    await expect.poll(() => Math.min(one.frames().length, two.frames().length), within(30_000)).toBeGreaterThan(1)
    hole.pause()
    const pausedAt = Date.now()
    await expect.poll(one.states, within(20_000)).toContain('timeout')
    const lost = one.signals.find(signal => signal.kind === 'status' && signal.reason === 'timeout')
    expect(lost?.kind === 'status' && lost.at - pausedAt).toBeLessThan(2 * 6000)
    const seen = two.frames().length
    await expect.poll(() => two.frames().length, within(5000)).toBeGreaterThan(seen + 2)
    expect(two.states()).toEqual(['connecting', 'online'])
    hole.resume()
    await expect.poll(() => one.states().at(-1), within(30_000)).toBe('online')
  })

  test('twenty forced restarts leave no ffmpeg and no open file behind', async () => {
    const { url } = await serve()
    const { source } = cameraOf(url, { snapshot: { longSide: 240, quality: 4 } })
    await firstValueFrom(source)
    await expect.poll(() => childrenWith('-filter_complex')).toEqual([])
    const before = openFiles()
    for (let i = 0; i < 20; i++) {
      if (i % 2 === 0) await firstValueFrom(source)
      else await new Promise<void>(resolve => setImmediate(() => resolve(source.subscribe().unsubscribe())))
    }
    await expect.poll(() => childrenWith('-filter_complex'), within(10_000)).toEqual([])
    await expect.poll(openFiles, within(10_000)).toBeLessThanOrEqual(before)
  })

  test('probing returns codec, size, rate and keyframe interval, and refuses as the camera does', async () => {
    const { url, port } = await serve({ login: { user: 'bob', password: 'hunter22' } })
    const options = { ffmpeg, redact: createRedactor(), forMs: 3500 }
    const found = await probe(url, options)
    expect(found).toMatchObject({ codec: 'h264', width: 480, height: 360 })
    expect(found.keyframeIntervalMs).toBeGreaterThan(900)
    expect(found.keyframeIntervalMs).toBeLessThan(1100)
    const wrong = probe(`rtsp://bob:wrong@127.0.0.1:${port}/cam`, options)
    await expect(wrong).rejects.toMatchObject({ reason: 'auth', code: 'camera-auth' })
  })
})

test('a closed port is lost by refused', async () => {
  const port = await listen(() => {})
  await cleanups.pop()?.()
  await expect(firstValueFrom(cameraOf(`rtsp://127.0.0.1:${port}/cam`).source)).rejects.toMatchObject({
    reason: 'refused',
  })
})

test('a port that accepts and never answers is lost by timeout', async () => {
  const port = await listen(() => {})
  await expect(
    firstValueFrom(cameraOf(`rtsp://127.0.0.1:${port}/cam`, { startTimeoutMs: 1000 }).source),
  ).rejects.toMatchObject({ reason: 'timeout' })
})

test('a port that closes at once is lost, and supervised again', async () => {
  const port = await listen(socket => socket.destroy())
  const { states } = follow(`rtsp://127.0.0.1:${port}/cam`)
  await expect.poll(() => states().filter(state => state === 'connecting').length, within(10_000)).toBeGreaterThan(1)
})

test('garbage on the port is lost, and not by crash or hang', async () => {
  const port = await listen(socket => socket.end(Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251))))
  const lost = await firstValueFrom(cameraOf(`rtsp://127.0.0.1:${port}/cam`).source).catch(error => error)
  expect(['invalid-data', 'eof', 'timeout']).toContain(lost.reason)
})

test('a keyframe further away than the stall timeout: the first frame arrives with it, nothing is lost', async () => {
  const video = await encode()
  const { port } = await startStreamCamera({ video, fps: 10, from: 1 })
  const { frames, states, internalEvents } = follow(`rtsp://127.0.0.1:${port}/cam`, {
    decode: 'auto',
    stallTimeoutMs: 2500,
  })
  await expect.poll(() => frames().length, within(30_000)).toBeGreaterThan(1)
  expect(states()).toEqual(['connecting', 'online'])
  expect(internalEvents.filter(({ type }) => type === 'CameraLost')).toEqual([])
})

test('a camera that takes longer than the stall timeout to answer is waited for', async () => {
  const video = await encode({ seconds: 2, keyframeEvery: 10 })
  const { port } = await startStreamCamera({ video, fps: 10, reply: () => undefined })
  const slow = await listen(socket => {
    setTimeout(() => {
      const camera = connect(port, '127.0.0.1')
      camera.on('error', () => socket.destroy())
      socket.on('close', () => camera.destroy())
      socket.pipe(camera).pipe(socket)
    }, 3500)
  })
  const { frames, states } = follow(`rtsp://127.0.0.1:${slow}/cam`, { stallTimeoutMs: 2500 })
  await expect.poll(() => frames().length, within(30_000)).toBeGreaterThan(1)
  expect(states()).toEqual(['connecting', 'online'])
})

test('auto: one connection and one session, also when it goes over to keyframes', async () => {
  const video = await encode({ seconds: 2, keyframeEvery: 5 })
  const camera = await startStreamCamera({ video, fps: 10 })
  const { source } = cameraOf(`rtsp://127.0.0.1:${camera.port}/cam`, { decode: 'auto', fps: 1 })
  await lastValueFrom(source.pipe(take(6)))
  expect(camera.requests.filter(({ method }) => method === 'PLAY')).toHaveLength(1)
})

test('a camera that hangs up is lost by eof, in its own words and not in those of the decoder', async () => {
  const video = await encode({ seconds: 2, keyframeEvery: 10 })
  const { port } = await startStreamCamera({ video, fps: 10, hangUpAfter: 15 })
  const lost = await lastValueFrom(cameraOf(`rtsp://127.0.0.1:${port}/cam`).source).catch(error => error)
  expect(lost).toMatchObject({ reason: 'eof', message: 'the camera closed the connection' })
})

test('probing a camera with a keyframe every 4 s reports it, and the rate is that of its clock', async () => {
  const video = await encode()
  const { port } = await startStreamCamera({ video, fps: 10, from: 1 })
  const found = await probe(`rtsp://127.0.0.1:${port}/cam`, { ffmpeg, redact: createRedactor(), forMs: 1000 })
  expect(found).toMatchObject({ codec: 'h264', width: 160, height: 120, fps: 10 })
  expect(found.keyframeIntervalMs).toBeCloseTo(4000, -3)
})

test('probing a camera whose keyframes are too far apart reports that, and not the end of the stream', async () => {
  const video = await encode({ seconds: 8, keyframeEvery: 80 })
  const { port } = await startStreamCamera({ video, fps: 10, from: 1 })
  const options = { ffmpeg, redact: createRedactor(), forMs: 500, keyframeTimeoutMs: 1500 }
  await expect(probe(`rtsp://127.0.0.1:${port}/cam`, options)).rejects.toMatchObject({
    code: 'camera-no-keyframe',
    message: expect.stringMatching(/^video comes, but no keyframe in 2 s/),
  })
})

test('a frame larger than any camera’s is rejected with an error', async () => {
  const video = await encode({ size: '8192x8192', seconds: 0.2, keyframeEvery: 1 })
  const { port } = await startStreamCamera({ video, fps: 10 })
  const lost = await firstValueFrom(cameraOf(`rtsp://127.0.0.1:${port}/cam`).source).catch(error => error)
  expect(lost).toMatchObject({ reason: 'invalid-data', code: 'picture-too-large' })
})
