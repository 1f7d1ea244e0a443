/** Serves one RTSP connection: answers its requests; `createPlayback.ts` sends the frames. */

import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { trimCharacter } from '../../util/trimCharacter.ts'
import { createPlayback, type Playback } from './createPlayback.ts'
import { createRequestParser, type RtspRequest } from './createRequestParser.ts'
import type { DigestGuard } from './digestGuard.ts'
import type { LiveStream } from './liveStream.ts'

export interface ViewerOptions {
  readonly socket: Socket
  /** The stream at a path such as `/street`; undefined: there is none. */
  readonly streamAt: (path: string) => LiveStream | undefined
  readonly guard: DigestGuard | null
}

/** How long DESCRIBE waits for a stream whose encoder has just been started. */
const READY_TIMEOUT_MS = 5000

interface Reply {
  readonly status: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

interface Viewer {
  readonly socket: Socket
  readonly playback: Playback
  /** RTSP's session id. */
  readonly session: string
}

/** Serves until the socket closes, then frees everything of this viewer. */
export function serveViewer(options: ViewerOptions): void {
  const { socket } = options
  const viewer: Viewer = { socket, playback: createPlayback(socket), session: randomBytes(8).toString('hex') }
  let queue = Promise.resolve()
  const onRequest = (request: RtspRequest) => {
    queue = queue
      .then(() => answer(request, viewer, options))
      .catch((): Reply => ({ status: '500 Internal Server Error' }))
      .then(reply => respond(socket, request.headers.cseq ?? '0', reply))
  }
  socket.on(
    'data',
    createRequestParser(onRequest, () => socket.end('RTSP/1.0 400 Bad Request\r\n\r\n')),
  )
  socket.on('error', () => socket.destroy())
  socket.on('close', viewer.playback.release)
}

async function answer(request: RtspRequest, viewer: Viewer, { streamAt, guard }: ViewerOptions): Promise<Reply> {
  const { method } = request
  if (method === 'OPTIONS') return { status: '200 OK', headers: { Public: PUBLIC } }
  if (guard && !guard.admits(method, request.headers.authorization))
    return { status: '401 Unauthorized', headers: { 'WWW-Authenticate': guard.challenge } }
  const stream = streamAt(pathOf(request.url))
  if (stream === undefined) return { status: '404 Not Found' }
  const handler = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined
  return handler ? handler(viewer, stream, request) : { status: '501 Not Implemented' }
}

type Method = (viewer: Viewer, stream: LiveStream, request: RtspRequest) => Reply | Promise<Reply>

const keepAlive: Method = ({ session }) => ({ status: '200 OK', headers: { Session: session } })

const METHODS: Readonly<Record<string, Method>> = {
  async DESCRIBE({ socket }, stream, { url }) {
    await Promise.race([stream.ready, setTimeout(READY_TIMEOUT_MS, undefined, { ref: false })])
    const body = stream.sdp(socket.localAddress ?? '127.0.0.1')
    if (body === null) return { status: '503 Service Unavailable' }
    return { status: '200 OK', headers: { 'Content-Base': `${url}/`, 'Content-Type': 'application/sdp' }, body }
  },
  async SETUP({ playback, session }, _stream, { headers }) {
    const transport = await playback.setUp(headers.transport ?? '')
    if (transport === null) return { status: '461 Unsupported Transport' }
    return { status: '200 OK', headers: { Transport: transport, Session: `${session};timeout=60` } }
  },
  PLAY({ playback, session }, stream) {
    if (!playback.play(stream)) return { status: '455 Method Not Valid in This State' }
    return { status: '200 OK', headers: { Session: session, Range: 'npt=now-' } }
  },
  PAUSE({ playback, session }) {
    playback.pause()
    return { status: '200 OK', headers: { Session: session } }
  },
  TEARDOWN({ playback }) {
    playback.release()
    return { status: '200 OK' }
  },
  GET_PARAMETER: keepAlive,
  SET_PARAMETER: keepAlive,
}

const PUBLIC = ['OPTIONS', ...Object.keys(METHODS)].join(', ')

function respond(socket: Socket, sequence: string, { status, headers = {}, body = '' }: Reply): void {
  if (!socket.writable) return
  const all = { CSeq: sequence, ...headers, ...(body && { 'Content-Length': String(Buffer.byteLength(body)) }) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  socket.write(`RTSP/1.0 ${status}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}

/** `rtsp://host:port/street/track0?x` → `/street`. */
function pathOf(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : url
  return `/${trimCharacter(path.replace(/\/track0\/?$/, ''), '/')}`
}
