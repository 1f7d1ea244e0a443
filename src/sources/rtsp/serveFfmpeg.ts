/** Serves one stream to one ffmpeg by RTSP on loopback, so that ffmpeg connects to nothing else. */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createPacketWriter, type PacketWriter } from './createPacketWriter.ts'
import { createRtspReader, type RtspMessage } from './createRtspReader.ts'

export interface LocalServer {
  /** For ffmpeg. The path is secret: another program on this machine cannot take ffmpeg's place. */
  readonly url: string
  /** Resolves when ffmpeg is ready for packets. Never rejects. */
  readonly playing: Promise<void>
  /** Copies the packet and sends it. Before `playing` packets are lost. */
  send(packet: Buffer): void
  /** Called when ffmpeg is behind, before `onDrain`. */
  onFull: () => void
  onDrain: () => void
  /** Ends the stream: ffmpeg decodes what it has and ends. */
  close(): void
}

export async function serveFfmpeg(sdp: string): Promise<LocalServer> {
  const path = randomBytes(16).toString('hex')
  let viewer: Socket | null = null
  let writer: PacketWriter | null = null
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
    writer = createPacketWriter(socket, () => local.onFull())
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
    send: packet => writer?.write(packet),
    onFull: () => {},
    onDrain: () => {},
    close() {
      server.close()
      writer?.flush()
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
