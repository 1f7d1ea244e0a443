import { execFileSync } from 'node:child_process'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { firstValueFrom, lastValueFrom, take } from 'rxjs'
import { expect, test } from 'vitest'
import { probe } from '../../src/sources/probe.ts'
import { createRedactor } from '../../src/util/redactor.ts'
import { useRtspCameras, within } from '../support/rtspCamera.ts'
import { startStreamCamera } from '../support/streamCamera.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const { ffmpeg, cleanups, cameraOf, follow } = useRtspCameras()

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

/** Ten pictures a second for `seconds`, a keyframe every `keyframeEvery` of them. */
async function encode({ size = '160x120', seconds = 8, keyframeEvery = 40 } = {}): Promise<string> {
  const folder = temporaryFolder()
  const path = join(folder, 'video.h264')
  const input = ['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=s=${size}:r=10:d=${seconds}`, '-c:v', 'libx264']
  const group = ['-g', String(keyframeEvery), '-keyint_min', String(keyframeEvery), '-sc_threshold', '0', '-bf', '0']
  const slices = ['-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1', '-pix_fmt', 'yuv420p', '-f', 'h264']
  execFileSync(ffmpeg().path, [...input, ...group, ...slices, path])
  return path
}

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
  const found = await probe(`rtsp://127.0.0.1:${port}/cam`, { ffmpeg: ffmpeg(), redact: createRedactor(), forMs: 1000 })
  expect(found).toMatchObject({ codec: 'h264', width: 160, height: 120, fps: 10 })
  expect(found.keyframeIntervalMs).toBeCloseTo(4000, -3)
})

test('probing a camera whose keyframes are too far apart reports that, and not the end of the stream', async () => {
  const video = await encode({ seconds: 8, keyframeEvery: 80 })
  const { port } = await startStreamCamera({ video, fps: 10, from: 1 })
  const options = { ffmpeg: ffmpeg(), redact: createRedactor(), forMs: 500, keyframeTimeoutMs: 1500 }
  await expect(probe(`rtsp://127.0.0.1:${port}/cam`, options)).rejects.toMatchObject({
    code: 'camera-no-keyframe',
    message: expect.stringMatching(/^video comes, but no keyframe in 2 s/),
  })
})

test('a frame larger than any camera’s is rejected with an error', async () => {
  const video = await encode({ size: '8192x8192', seconds: 0.2, keyframeEvery: 1 })
  const { port } = await startStreamCamera({ video, fps: 10 })
  const lost = await firstValueFrom(cameraOf(`rtsp://127.0.0.1:${port}/cam`).source).catch(error => error)
  expect(lost).toMatchObject({ reason: 'invalid-data', code: 'image-too-large' })
})
