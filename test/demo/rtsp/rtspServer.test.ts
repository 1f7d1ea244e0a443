import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type RtspServer, startRtspServer } from '../../../src/demo/rtsp/rtspServer.ts'
import { createRandom } from '../../../src/util/random.ts'

// The oldest ffmpeg that we promise to work with, there on every machine after `npm ci`.
const ffmpeg: string = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg').path

const children: ChildProcess[] = []
let server: RtspServer | null = null

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await server?.close()
  server = null
})

async function startWithPicture(options: Parameters<typeof startRtspServer>[0] = {}): Promise<RtspServer> {
  const started = await startRtspServer(options)
  server = started
  const stream = started.mount('street')
  const encode =
    '-v error -re -f lavfi -i testsrc2=s=320x180:r=20 -c:v libx264 -preset ultrafast -tune zerolatency -g 10 -x264-params aud=1 -f h264 -'
  const child = spawn(ffmpeg, encode.split(' '), { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  child.stdout?.on('data', (chunk: Buffer) => stream.write(chunk))
  await new Promise<void>(resolve => child.stdout?.once('data', () => resolve()))
  return started
}

/** Reads pictures with a real client; gives how many whole ones came. */
async function view(url: string, transport: 'tcp' | 'udp', frames = 8): Promise<number> {
  const read = `-v error -rtsp_transport ${transport} -i ${url} -frames:v ${frames} -vsync 0 -f rawvideo -pix_fmt gray -`
  const child = spawn(ffmpeg, read.split(' '), { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let bytes = 0
  child.stdout?.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  await once(child, 'close')
  return bytes / (320 * 180)
}

describe('a real client sees whole frames', () => {
  test('over TCP and UDP, several at a time', async () => {
    const { url } = await startWithPicture()
    const views = await Promise.all([
      view(url('street'), 'tcp'),
      view(url('street'), 'udp'),
      view(url('street'), 'tcp'),
    ])
    expect(views).toEqual([8, 8, 8])
  })

  test('with the right password, and nothing with a wrong one', async () => {
    const { port } = await startWithPicture({ credentials: { username: 'me', password: 'right' } })
    expect(await view(`rtsp://me:right@127.0.0.1:${port}/street`, 'tcp')).toBe(8)
    expect(await view(`rtsp://me:wrong@127.0.0.1:${port}/street`, 'tcp')).toBe(0)
  })

  test('nothing at a path that is not mounted', async () => {
    const { url } = await startWithPicture()
    expect(await view(url('nowhere'), 'tcp')).toBe(0)
  })
})

describe('input that is not RTSP', () => {
  const send = async (bytes: Buffer): Promise<string> => {
    const socket = connect(server?.port ?? 0, '127.0.0.1')
    let answer = ''
    socket.on('data', chunk => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.end(bytes)
    await once(socket, 'close')
    return answer
  }

  test.each([
    ['an HTTP request', 'GET / HTTP/1.1\r\n\r\n', '400 Bad Request'],
    ['a line without end', 'A'.repeat(20_000), '400 Bad Request'],
    ['a body too long', 'OPTIONS * RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n', '400 Bad Request'],
    ['an unknown method', 'DANCE rtsp://h/street RTSP/1.0\r\nCSeq: 1\r\n\r\n', '501 Not Implemented'],
    ['PLAY before SETUP', 'PLAY rtsp://h/street RTSP/1.0\r\nCSeq: 1\r\n\r\n', '455 Method Not Valid'],
    [
      'a transport that is not there',
      'SETUP rtsp://h/street RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP;multicast\r\n\r\n',
      '461 Unsupported',
    ],
  ])('%s is answered', async (_name, text, expected) => {
    server = await startRtspServer()
    server.mount('street')
    expect(await send(Buffer.from(text))).toContain(expected)
  })

  describe('two thousand mutated conversations', () => {
    const random = createRandom('rtsp fuzz')
    const talk = ['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN']
      .map(
        method =>
          `${method} rtsp://h/street RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n`,
      )
      .join('$\0\0\x04abcd')

    test('leave the server serving', async () => {
      const { url } = await startWithPicture()
      for (let i = 0; i < 100; i++) {
        await Promise.all(
          Array.from({ length: 20 }, () => {
            const bytes = Buffer.from(talk, 'latin1')
            for (let edits = random.integer(1, 12); edits > 0; edits--)
              bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255)
            return send(bytes.subarray(0, random.integer(1, bytes.length)))
          }),
        )
      }
      expect(await view(url('street'), 'tcp')).toBe(8)
    })
  })
})
