/** A camera on loopback whose RTSP answers are written down: for what no real server would say. */

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Request {
  readonly method: string
  readonly uri: string
  /** The whole head. */
  readonly text: string
}

export interface Reply {
  /** Default `200 OK`. */
  readonly status?: string
  readonly headers?: readonly string[]
  readonly body?: string
  /** Sent as it is, instead of all that. */
  readonly raw?: string | Buffer
  /** Sent after it. */
  readonly afterwards?: (socket: Socket) => void
}

export interface ScriptedCamera {
  readonly port: number
  readonly requests: Request[]
  /** Open connections. */
  sockets(): number
}

export const H264_SDP = [
  ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=cam', 'c=IN IP4 0.0.0.0', 't=0 0', 'a=control:*'],
  ...['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', 'a=fmtp:96 packetization-mode=1', 'a=control:track1', ''],
].join('\r\n')

/** What a good camera says; `undefined`: no answer. */
export function goodReply({ method, uri }: Request, sdp = H264_SDP): Reply {
  switch (method) {
    case 'OPTIONS':
      return { headers: ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER'] }
    case 'DESCRIBE':
      return { headers: [`Content-Base: ${uri}/`, 'Content-Type: application/sdp'], body: sdp }
    case 'SETUP':
      return { headers: ['Session: 42;timeout=60', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1'] }
    default:
      return { headers: ['Session: 42'] }
  }
}

/** @param reply null: stay silent */
export async function startScriptedCamera(
  reply: (request: Request, socket: Socket) => Reply | null,
  server: Server = createServer(),
): Promise<ScriptedCamera> {
  const requests: Request[] = []
  const sockets = new Set<Socket>()
  const event = 'cert' in server ? 'secureConnection' : 'connection'
  server.on(event, (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    let buffered = ''
    socket.on('data', (chunk: Buffer) => {
      buffered += chunk.toString('latin1')
      for (let end = buffered.indexOf('\r\n\r\n'); end >= 0; end = buffered.indexOf('\r\n\r\n')) {
        const text = buffered.slice(0, end)
        buffered = buffered.slice(end + 4)
        const [method = '', uri = ''] = text.split(' ')
        const request = { method, uri, text }
        requests.push(request)
        const answer = reply(request, socket)
        if (answer) send(socket, request, answer)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, requests, sockets: () => sockets.size }
}

function send(
  socket: Socket,
  { text }: Request,
  { status = '200 OK', headers = [], body = '', raw, afterwards }: Reply,
) {
  const sequence = /cseq: *(\d+)/i.exec(text)?.[1] ?? '0'
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  const head = [`RTSP/1.0 ${status}`, `CSeq: ${sequence}`, ...headers, ...length]
  socket.write(raw ?? `${head.join('\r\n')}\r\n\r\n${body}`)
  afterwards?.(socket)
}
