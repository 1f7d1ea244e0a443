/** Serves one RTSP connection: answers requests and sends frames over TCP or UDP. */

import { randomBytes } from 'node:crypto'
import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { trimCharacter } from '../../util/trimCharacter.ts'
import { createRequestParser, type RtspRequest } from './createRequestParser.ts'
import type { DigestGuard } from './digestGuard.ts'
import type { LiveStream, PacketizedFrame } from './liveStream.ts'

/** A viewer this far behind loses frames until the next keyframe, which bounds memory and does not delay other viewers. */
const MAX_BUFFERED = 4 * 1024 * 1024

export interface ViewerOptions {
  readonly socket: Socket
  /** The stream at a path such as `/street`; undefined: there is none. */
  readonly streamAt: (path: string) => LiveStream | undefined
  readonly guard: DigestGuard | null
}

/** How long DESCRIBE waits for a stream whose encoder has just been started. */
const READY_TIMEOUT_MS = 5000

type Transport = (packet: Buffer) => void

interface Reply {
  readonly status: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER'

/** Serves until the socket closes, then frees everything of this viewer. */
export function serveViewer({ socket, streamAt, guard }: ViewerOptions): void {
  const session = randomBytes(8).toString('hex')
  let transport: Transport | null = null
  let datagrams: DatagramSocket | null = null
  let stopWatching: (() => void) | null = null

  const pause = () => {
    stopWatching?.()
    stopWatching = null
  }
  const release = () => {
    pause()
    datagrams?.close()
    datagrams = null
    transport = null
  }

  const play = (stream: LiveStream, send: Transport) => {
    pause()
    let waitingForKey = true
    stopWatching = stream.watch(({ packets, key }: PacketizedFrame) => {
      if (socket.writableLength > MAX_BUFFERED) waitingForKey = true
      else if (key) waitingForKey = false
      if (!waitingForKey) for (const packet of packets) send(packet)
    })
  }

  const setup = async (header: string): Promise<Reply> => {
    release()
    const interleaved = /^RTP\/AVP\/TCP;.*?interleaved=(\d+)(?:-(\d+))?/.exec(header)
    if (interleaved) {
      const channel = Number(interleaved[1])
      if (channel > 254) return { status: '461 Unsupported Transport' }
      transport = packet => {
        socket.write(interleave(channel, packet))
      }
      return setUp(`RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`)
    }
    const port = Number(/^RTP\/AVP(?:\/UDP)?;.*?client_port=(\d+)/.exec(header)?.[1] ?? 0)
    const address = socket.remoteAddress
    if (port < 1 || port > 65534 || address === undefined) return { status: '461 Unsupported Transport' }
    const udp = createSocket(socket.remoteFamily === 'IPv6' ? 'udp6' : 'udp4')
    datagrams = udp
    udp.bind(0, socket.localAddress)
    await once(udp, 'listening')
    udp.on('error', pause)
    transport = packet => udp.send(packet, port, address)
    const { port: own } = udp.address()
    return setUp(`RTP/AVP;unicast;client_port=${port}-${port + 1};server_port=${own}-${own + 1}`)
  }
  const setUp = (line: string): Reply => ({
    status: '200 OK',
    headers: { Transport: line, Session: `${session};timeout=60` },
  })

  const answer = async (request: RtspRequest): Promise<Reply> => {
    if (request.method === 'OPTIONS') return { status: '200 OK', headers: { Public: METHODS } }
    if (guard && !guard.admits(request.method, request.headers.authorization))
      return { status: '401 Unauthorized', headers: { 'WWW-Authenticate': guard.challenge } }
    const stream = streamAt(pathOf(request.url))
    if (stream === undefined) return { status: '404 Not Found' }
    switch (request.method) {
      case 'DESCRIBE': {
        await Promise.race([stream.ready, setTimeout(READY_TIMEOUT_MS, undefined, { ref: false })])
        const body = stream.sdp(socket.localAddress ?? '127.0.0.1')
        if (body === null) return { status: '503 Service Unavailable' }
        return {
          status: '200 OK',
          headers: { 'Content-Base': `${request.url}/`, 'Content-Type': 'application/sdp' },
          body,
        }
      }
      case 'SETUP':
        return setup(request.headers.transport ?? '')
      case 'PLAY':
        if (transport === null) return { status: '455 Method Not Valid in This State' }
        play(stream, transport)
        return { status: '200 OK', headers: { Session: session, Range: 'npt=now-' } }
      case 'PAUSE':
        pause()
        return { status: '200 OK', headers: { Session: session } }
      case 'TEARDOWN':
        release()
        return { status: '200 OK' }
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        return { status: '200 OK', headers: { Session: session } }
      default:
        return { status: '501 Not Implemented' }
    }
  }

  const respond = (sequence: string, { status, headers = {}, body = '' }: Reply) => {
    if (!socket.writable) return
    const all = { CSeq: sequence, ...headers, ...(body && { 'Content-Length': String(Buffer.byteLength(body)) }) }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
    socket.write(`RTSP/1.0 ${status}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
  }

  let queue = Promise.resolve()
  const onRequest = (request: RtspRequest) => {
    queue = queue
      .then(() => answer(request))
      .catch((): Reply => ({ status: '500 Internal Server Error' }))
      .then(reply => respond(request.headers.cseq ?? '0', reply))
  }
  socket.on(
    'data',
    createRequestParser(onRequest, () => socket.end('RTSP/1.0 400 Bad Request\r\n\r\n')),
  )
  socket.on('error', () => socket.destroy())
  socket.on('close', release)
}

/** `rtsp://host:port/street/track0?x` → `/street`. */
function pathOf(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : url
  return `/${trimCharacter(path.replace(/\/track0\/?$/, ''), '/')}`
}

function interleave(channel: number, packet: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(4 + packet.length)
  framed[0] = 0x24
  framed[1] = channel
  framed.writeUInt16BE(packet.length, 2)
  packet.copy(framed, 4)
  return framed
}
