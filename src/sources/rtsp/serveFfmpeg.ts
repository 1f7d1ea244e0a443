/** An RTSP server on loopback for one ffmpeg: one stream over its own connection, so that ffmpeg reaches nothing else. */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createRtspReader, type RtspMessage } from './readRtsp.ts'

export interface LocalServer {
  /** For ffmpeg. The path is secret: another program on this machine can't take its place. */
  readonly url: string
  /** Resolves when ffmpeg is ready for packets. Never rejects. */
  readonly playing: Promise<void>
  /**
   * Sends the packet with all others of this turn of the event loop in one write. Its memory must not change until then.
   * Before `playing` packets are lost.
   */
  send(packet: Buffer): void
  /** Called when ffmpeg is behind, before `onDrain`. */
  onFull: () => void
  onDrain: () => void
  /** Ends the stream: ffmpeg hands on what it has and ends. */
  close(): void
}

const DOLLAR = 0x24
const PACKET_HEAD = 4

export async function serveFfmpeg(sdp: string): Promise<LocalServer> {
  const path = randomBytes(16).toString('hex')
  let viewer: Socket | null = null
  let isPlaying = false
  let play = () => {}
  const playing = new Promise<void>(resolve => {
    play = resolve
  })

  /** Packets of this turn: a write for each costs more than everything else here. */
  let waiting: Buffer[] = []
  const flush = () => {
    const bytes = interleaved(waiting)
    waiting = []
    if (viewer === null || viewer.destroyed || viewer.writableEnded) return
    if (!viewer.write(bytes)) local.onFull()
  }

  const answer = (socket: Socket, request: RtspMessage) => {
    const [method = '', url = ''] = request.start.split(' ')
    if (!url.startsWith(local.url)) return socket.destroy()
    if (viewer === null) {
      viewer = socket
      socket.on('drain', () => local.onDrain())
      // Nothing but this one connection is needed.
      server.close()
    }
    const head = ['RTSP/1.0 200 OK', `CSeq: ${Number(request.header('cseq')) || 0}`, 'Session: 1']
    const [headers, body] = replyTo(method, sdp)
    socket.write(`${[...head, ...headers].join('\r\n')}\r\n\r\n${body}`)
    if (method === 'TEARDOWN') socket.end()
    if (method !== 'PLAY') return
    isPlaying = true
    play()
  }
  const server = createServer(socket => {
    if (viewer !== null) return socket.destroy()
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    const read = createRtspReader({
      onMessage: message => answer(socket, message),
      onPacket: () => {},
    })
    socket.on('data', chunk => {
      try {
        read(chunk)
      } catch {
        socket.destroy()
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const local: LocalServer = {
    url: `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`,
    playing,
    send(packet) {
      if (!isPlaying) return
      if (waiting.length === 0) setImmediate(flush)
      waiting.push(packet)
    },
    onFull: () => {},
    onDrain: () => {},
    close() {
      server.close()
      if (waiting.length > 0) flush()
      viewer?.end()
    },
  }
  return local
}

/** Each packet on channel 0 (RFC 2326, 10.12). */
function interleaved(packets: readonly Buffer[]): Buffer {
  const bytes = Buffer.allocUnsafe(packets.reduce((sum, packet) => sum + PACKET_HEAD + packet.length, 0))
  let at = 0
  for (const packet of packets) {
    bytes[at] = DOLLAR
    bytes[at + 1] = 0
    bytes.writeUInt16BE(packet.length, at + 2)
    packet.copy(bytes, at + PACKET_HEAD)
    at += PACKET_HEAD + packet.length
  }
  return bytes
}

function replyTo(method: string, sdp: string): [readonly string[], string] {
  switch (method) {
    case 'OPTIONS':
      return [['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN'], '']
    case 'DESCRIBE':
      return [['Content-Type: application/sdp', `Content-Length: ${Buffer.byteLength(sdp)}`], sdp]
    case 'SETUP':
      return [['Transport: RTP/AVP/TCP;unicast;interleaved=0-1'], '']
    default:
      return [[], '']
  }
}
