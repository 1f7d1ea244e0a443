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
  /** False: wait for `onDrain` before the next one. Before `playing` packets are lost. */
  send(packet: Buffer): boolean
  onDrain: () => void
  /** Ends the stream: ffmpeg hands on what it has and ends. */
  close(): void
}

const DOLLAR = 0x24

export async function serveFfmpeg(sdp: string): Promise<LocalServer> {
  const path = randomBytes(16).toString('hex')
  let viewer: Socket | null = null
  let isPlaying = false
  let play = () => {}
  const playing = new Promise<void>(resolve => {
    play = resolve
  })

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
      if (!isPlaying || viewer === null || viewer.destroyed) return true
      viewer.cork()
      viewer.write(Buffer.from([DOLLAR, 0, packet.length >> 8, packet.length & 0xff]))
      const flows = viewer.write(packet)
      viewer.uncork()
      return flows
    },
    onDrain: () => {},
    close() {
      server.close()
      viewer?.end()
    },
  }
  return local
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
