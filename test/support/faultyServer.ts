/** An HTTP server on loopback that serves files as a hub does, and fails on order. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export interface Visit {
  readonly path: string
  readonly range: string | null
  readonly authorization: string | null
}

/** How one request is answered. Default: the file, or the wanted range of it. */
export type Behaviour =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  /** What a login page looks like to a program. */
  | { readonly kind: 'page' }
  /** A range that was not requested. */
  | { readonly kind: 'elsewhere' }
  /** Sends this many bytes of the answer, the whole file's when `ranges` is false; cuts the connection once the client has said that they arrived. */
  | { readonly kind: 'cut'; readonly after: number; readonly ranges?: false }
  /** Sends the whole file with 200, whatever range was requested. */
  | { readonly kind: 'no-range' }
  | { readonly kind: 'redirect'; readonly to: string }
  /** The file, a byte at a time. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** More and more, without an end. */
  | { readonly kind: 'endless' }
  /** A complete answer that has only this many bytes of the file. */
  | { readonly kind: 'short'; readonly bytes: number }

export interface FaultyServer {
  readonly url: string
  readonly visits: readonly Visit[]
  /** The next requests are answered so, in order; later ones properly. */
  next(...behaviours: Behaviour[]): void
  /** The client has the file up to here. A cut that comes with its bytes may take them along, so it waits for this. */
  received(bytes: number): void
  stop(): Promise<void>
}

/** @param allow the status for a path that is refused; null: it is answered */
export async function startFaultyServer(
  files: Readonly<Record<string, Buffer>>,
  allow: (path: string) => number | null = () => null,
): Promise<FaultyServer> {
  const visits: Visit[] = []
  const plan: Behaviour[] = []
  let held: Held | null = null
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '')
    const { range = null, authorization = null } = request.headers
    visits.push({ path, range, authorization })
    const body = files[path.replace(/\?.*$/, '')]
    const refusal = allow(path)
    if (refusal !== null) response.writeHead(refusal).end()
    else if (body === undefined) response.writeHead(404).end()
    else held = respond(request, response, body, plan.shift()) ?? held
  })
  const url = await listen(server)
  return {
    url,
    visits,
    next: (...behaviours) => void plan.push(...behaviours),
    received(bytes) {
      if (held === null || bytes < held.until) return
      held.response.destroy()
      held = null
    },
    stop: () => stop(server),
  }
}

/** An answer that was begun and will be cut. */
interface Held {
  readonly response: ServerResponse
  readonly until: number
}

/** An HTTP proxy that knows CONNECT only. @param refusal a status that it answers instead */
export async function startProxy(
  refusal?: number,
): Promise<{ url: string; tunnels: readonly string[]; stop(): Promise<void> }> {
  const tunnels: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    tunnels.push(request.url ?? '')
    if (refusal !== undefined) {
      client.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    const [host, port] = (request.url ?? '').split(':')
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
    }
  })
  const url = await listen(server)
  const close = () => {
    for (const socket of sockets) socket.destroy()
    return stop(server)
  }
  return { url, tunnels, stop: close }
}

function respond(
  request: IncomingMessage,
  response: ServerResponse,
  file: Buffer,
  behaviour?: Behaviour,
): Held | undefined {
  if (behaviour?.kind !== 'drip' && behaviour?.kind !== 'endless') return answer(request, response, file, behaviour)
  goOn(response, file, behaviour)
  return undefined
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  file: Buffer,
  behaviour?: Behaviour,
): Held | undefined {
  const end = (status: number, headers = {}, body?: Buffer) => void response.writeHead(status, headers).end(body)
  if (behaviour?.kind === 'status') return end(behaviour.status, behaviour.headers)
  if (behaviour?.kind === 'page') return end(200, { 'content-type': 'text/html; charset=utf-8' }, Buffer.from('<html>'))
  if (behaviour?.kind === 'elsewhere') {
    return end(206, { 'content-range': `bytes 1000-${file.length - 1}/${file.length}` }, file.subarray(1000))
  }
  if (behaviour?.kind === 'redirect') return end(302, { location: behaviour.to })
  if (behaviour?.kind === 'short') return end(200, {}, file.subarray(0, behaviour.bytes))
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const knowsRanges = behaviour?.kind !== 'no-range' && !(behaviour?.kind === 'cut' && behaviour.ranges === false)
  const ranged = start > 0 && knowsRanges
  if (ranged && start >= file.length) return end(416)
  const body = ranged ? file.subarray(start) : file
  const range = ranged ? { 'content-range': `bytes ${start}-${file.length - 1}/${file.length}` } : {}
  const headers = { 'content-length': body.length, ...range }
  if (behaviour?.kind !== 'cut') return end(ranged ? 206 : 200, headers, body)
  response.writeHead(ranged ? 206 : 200, headers)
  if (behaviour.after === 0) return void response.destroy()
  response.write(body.subarray(0, behaviour.after))
  return { response, until: file.length - body.length + behaviour.after }
}

/** Until the client has gone. */
function goOn(
  response: ServerResponse,
  file: Buffer,
  behaviour: Extract<Behaviour, { kind: 'drip' | 'endless' }>,
): void {
  response.writeHead(200)
  if (behaviour.kind === 'drip') {
    let at = 0
    const timer = setInterval(() => response.write(file.subarray(at, ++at)), behaviour.everyMs)
    response.on('close', () => clearInterval(timer))
  } else {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(64_000)));
    }
    response.on('drain', more)
    more()
  }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
}
