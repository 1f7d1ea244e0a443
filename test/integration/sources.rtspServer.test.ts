import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { probe } from '../../src/sources/probe.ts'
import { rtsp } from '../../src/sources/rtsp.ts'
import { createRedactor } from '../../src/util/redactor.ts'
import { childrenWith, commandLine, openFiles } from '../support/processes.ts'
import { DEFAULTS, useRtspCameras, within } from '../support/rtspCamera.ts'
import { hasRtspServer, type RtspServer, type RtspServerOptions, startRtspServer } from '../support/rtspServer.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const { ffmpeg, cleanups, cameraOf, follow } = useRtspCameras()

async function serve(options: RtspServerOptions = {}): Promise<RtspServer> {
  const server = await startRtspServer(options)
  cleanups.push(() => server.stop())
  return server
}

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
    // Empty for a moment, in which the shell that sets ffmpeg's bounds becomes ffmpeg.
    let line = ''
    const read = () => {
      line = commandLine(childrenWith('-filter_complex')[0] ?? 0)
      return line
    }
    await expect.poll(read, within(10_000)).toContain('rtsp://127.0.0.1:')
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
      return execFileSync(ffmpeg().path, [...args, '-g', '5', '-pix_fmt', 'yuv420p', '-f', 'h264', '-'])
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
    const options = { ffmpeg: ffmpeg(), redact: createRedactor(), forMs: 3500 }
    const found = await probe(url, options)
    expect(found).toMatchObject({ codec: 'h264', width: 480, height: 360 })
    expect(found.keyframeIntervalMs).toBeGreaterThan(900)
    expect(found.keyframeIntervalMs).toBeLessThan(1100)
    const wrong = probe(`rtsp://bob:wrong@127.0.0.1:${port}/cam`, options)
    await expect(wrong).rejects.toMatchObject({ reason: 'auth', code: 'camera-auth' })
  })

  test('MJPEG: frames at the wanted rate with their snapshots, and its codec and size', async () => {
    const video = join(temporaryFolder(), 'video.mjpeg')
    // RFC 2435 sends no Huffman tables: they must be the standard ones.
    const input = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=10:d=3', '-c:v', 'mjpeg']
    execFileSync(ffmpeg().path, [...input, '-huffman', 'default', '-pix_fmt', 'yuvj420p', '-f', 'mjpeg', video])
    const { url } = await serve({ video })
    const { frames, states } = follow(url, { decode: 'auto', snapshot: { longSide: 240, quality: 4 } })
    await expect.poll(() => frames().length, within(30_000)).toBeGreaterThan(5)
    expect(states()).toEqual(['connecting', 'online'])
    expect(frames().every(({ jpeg }) => jpeg?.[0] === 0xff)).toBe(true)
    const found = await probe(url, { ffmpeg: ffmpeg(), redact: createRedactor(), forMs: 2000 })
    expect(found).toMatchObject({ codec: 'mjpeg', width: 320, height: 240 })
  })
})
