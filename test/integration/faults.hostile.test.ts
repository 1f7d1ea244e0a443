/** A camera that means harm: RTSP dialogues mutated byte by byte, redirects to other protocols, lies about lengths. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { firstValueFrom, take, throwError, timeout, toArray } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'
import { packetize } from '../../src/demo/rtsp/packetize.ts'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { imageParts } from '../../src/sources/imageParts.ts'
import { rtsp } from '../../src/sources/rtsp.ts'
import { SourceError } from '../../src/sources/sourceErrors.ts'
import type { InternalEvent } from '../../src/telemetry/internalEvents.ts'
import { createRandom, type Random } from '../../src/util/random.ts'
import { mutateBytes } from '../support/mutate.ts'
import { childrenWith, openFiles } from '../support/processes.ts'
import { soak } from '../support/soak.ts'

const DIALOGUES = Number(process.env.HOSTILE_DIALOGUES ?? soak({ fast: 40, long: 2000 }))
const AT_ONCE = 8
const STALL_MS = 20_000
const SIZE = 16
const SECRET = '/etc/passwd'
const CAMPUS = readFileSync(new URL('../fixtures/video/campus.h264', import.meta.url))

const SDP = [
  ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=cam', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=video 0 RTP/AVP 96'],
  ...['a=rtpmap:96 H264/90000', 'a=fmtp:96 packetization-mode=1', 'a=control:track1', ''],
].join('\r\n')

/** What a camera may answer instead: each has been a hole in some client. */
const TRICKS: readonly string[] = [
  ...['file:///etc/passwd', 'http://127.0.0.1:1/x', 'concat:/etc/passwd', 'rtsp://127.0.0.1:1/x', ''].map(
    place => `RTSP/1.0 302 Moved\r\nLocation: ${place}\r\n`,
  ),
  'RTSP/1.0 200 OK\r\nContent-Length: 99999999999\r\nContent-Type: application/sdp\r\n',
  'RTSP/1.0 200 OK\r\nContent-Length: -1\r\nContent-Type: application/sdp\r\n',
  `RTSP/1.0 200 OK\r\nServer: ${'A'.repeat(70_000)}\r\n`,
  `RTSP/1.0 404 \u001b[2J\u001b]0;owned\u0007\r\n`,
  'RTSP/1.0 200 OK\r\nContent-Base: file:///etc/\r\nContent-Type: application/sdp\r\n',
]
const SDP_TRICKS = ['file:///etc/passwd', 'http://127.0.0.1:1/', '/../../etc/passwd', '%s%n%x'].map(place =>
  SDP.replace('track1', place),
)

/** NAL units of 120 pictures: one slice each, parameter sets before every key picture. */
const NALS = CAMPUS.toString('latin1')
  .split('\0\0\u0001')
  .slice(1)
  .map(nal => Buffer.from(nal, 'latin1'))
/** Between two pictures, of 90 kHz. */
const CLOCK_TICKS = 9000
const DOLLAR = 0x24

/** A packet over the RTSP connection: RFC 2326 section 10.12. */
function interleaved(packet: Buffer): Buffer {
  const head = Buffer.from([DOLLAR, 0, 0, 0])
  head.writeUInt16BE(packet.length, 2)
  return Buffer.concat([head, packet])
}

/** Half of them play real pictures, whose packets may be damaged on the way; the others pieces of some that fit nothing. */
function stream(random: Random): Buffer[] {
  const nals = random.chance(0.5)
    ? NALS.slice(0, random.integer(1, NALS.length))
    : Array.from({ length: random.integer(0, 60) }, () => pieceOf(random.pick(NALS), random))
  const state = { ssrc: 1, sequence: 0 }
  return nals.flatMap((nal, n) => packetize({ nals: [nal], key: false }, n * CLOCK_TICKS, state)).map(interleaved)
}

function pieceOf(nal: Buffer, random: Random): Buffer {
  return nal.subarray(random.integer(0, nal.length - 1))
}

function answerTo(request: string, random: Random): Buffer[] {
  const method = /^[A-Z]+/.exec(request)?.[0] ?? ''
  const cseq = `CSeq: ${/cseq: *(\d+)/i.exec(request)?.[1] ?? 1}\r\n`
  if (random.chance(0.1)) return [Buffer.from(`${random.pick(TRICKS)}${cseq}\r\n`)]
  const ok = `RTSP/1.0 200 OK\r\n${cseq}Session: 1\r\n`
  const sdp = random.chance(0.2) ? random.pick(SDP_TRICKS) : SDP
  if (method === 'DESCRIBE')
    return [Buffer.from(`${ok}Content-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`)]
  if (method === 'SETUP') return [Buffer.from(`${ok}Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n`)]
  if (method !== 'PLAY') return [Buffer.from(`${ok}Public: DESCRIBE, SETUP, PLAY\r\n\r\n`)]
  return [Buffer.from(`${ok}\r\n`), ...stream(random)]
}

/** Plays the dialogue that the path of the URL is the seed of, then hangs up. */
function play(socket: Socket): void {
  let random: Random | null = null
  let buffered = ''
  socket.on('error', () => undefined)
  socket.on('data', chunk => {
    buffered += chunk.toString('latin1')
    for (let end = buffered.indexOf('\r\n\r\n'); end >= 0; end = buffered.indexOf('\r\n\r\n')) {
      const request = buffered.slice(0, end)
      buffered = buffered.slice(end + 4)
      random ??= createRandom(/\/seed(\d+)/.exec(request)?.[1] ?? '0')
      // A stream is hundreds of parts: were they damaged as often as answers, none would ever show a picture.
      for (const part of answerTo(request, random))
        socket.write(random.chance(part[0] === DOLLAR ? 0.02 : 0.1) ? mutateBytes(part, random) : part)
      if (request.startsWith('PLAY') || random.chance(0.03)) socket.end()
    }
  })
}

test(`${DIALOGUES} dialogues with a hostile camera: a frame or one reason each, no crash, no hang, no file read`, {
  timeout: soak({ fast: 300_000, long: 1_800_000 }),
}, async () => {
  const ffmpeg = await findFfmpeg()
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    play(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0

  const said: string[] = []
  const telemetry = {
    emit: (internalEvent: InternalEvent) =>
      void (internalEvent.type === 'DecodeErrors' && said.push(internalEvent.last)),
  }
  const options = { camera: 'yard', transport: 'tcp', fps: 25, size: SIZE, fit: 'stretch', decode: 'all' } as const
  const reasons = new Map<string, number>()
  let pictures = 0
  const meet = async (seed: number) => {
    const source = rtsp(
      {
        ...options,
        url: `rtsp://127.0.0.1:${port}/seed${seed}`,
        snapshot: null,
        hwaccel: null,
        ...imageParts({}),
        silenceTimeoutMs: 2000,
      },
      { ffmpeg, telemetry, redact: text => text },
    )
    // As `supervise` does: an old ffmpeg may turn in circles over its input, and must end on SIGTERM.
    const stalled = () => throwError(() => new SourceError('no picture', { reason: 'timeout' }))
    const patient = source.pipe(timeout({ each: STALL_MS, with: stalled }), take(3), toArray())
    const seen: unknown = await firstValueFrom(patient).catch(error => error)
    if (Array.isArray(seen)) {
      for (const { pixels } of seen) expect(pixels).toHaveLength(SIZE * SIZE * 3)
      pictures += seen.length
      return
    }
    expect(seen, `seed ${seed}`).toBeInstanceOf(SourceError)
    const { reason, message } = seen as SourceError
    expect(message, `seed ${seed}`).not.toMatch(/\p{Cc}/u)
    said.push(message)
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  const files = openFiles()
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < DIALOGUES) await meet(next++)
    }),
  )
  await expect.poll(() => childrenWith('-filter_complex'), { timeout: 10_000 }).toEqual([])
  await expect.poll(openFiles, { timeout: 10_000 }).toBeLessThanOrEqual(files + AT_ONCE)
  expect(said.filter(line => line.includes('root:'))).toEqual([])
  expect(readFileSync(SECRET, 'utf8'), 'the requested file contains that word').toContain('root:')
  expect(pictures, 'some got as far as a picture').toBeGreaterThan(0)
  expect(reasons.size, 'the dialogues went wrong in several ways').toBeGreaterThan(1)
  console.log(
    `${DIALOGUES} dialogues: ${pictures} pictures; lost ${[...reasons].map(([reason, count]) => `${count} ${reason}`).join(', ')}`,
  )
})
