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
  | { readonly kind: 'status'; readonly status: number }
  /** Sends this many bytes of the answer, then cuts the connection. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Sends the whole file with 200, whatever range was asked for. */
  | { readonly kind: 'no-range' }
  | { readonly kind: 'redirect'; readonly to: string }
  /** A complete answer that has only this many bytes of the file. */
  | { readonly kind: 'short'; readonly bytes: number }

export interface FaultyServer {
  readonly url: string
  readonly visits: readonly Visit[]
  /** The next requests are answered so, in order; later ones properly. */
  next(...behaviours: Behaviour[]): void
  stop(): Promise<void>
}

export async function startFaultyServer(files: Readonly<Record<string, Buffer>>): Promise<FaultyServer> {
  const visits: Visit[] = []
  const plan: Behaviour[] = []
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '')
    const { range = null, authorization = null } = request.headers
    visits.push({ path, range, authorization })
    const body = files[path]
    if (body === undefined) response.writeHead(404).end()
    else answer(request, response, body, plan.shift())
  })
  const url = await listen(server)
  return {
    url,
    visits,
    next: (...behaviours) => void plan.push(...behaviours),
    stop: () => stop(server),
  }
}

/** An HTTP proxy that knows CONNECT only. */
export async function startProxy(): Promise<{ url: string; tunnels: readonly string[]; stop(): Promise<void> }> {
  const tunnels: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    tunnels.push(request.url ?? '')
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

function answer(request: IncomingMessage, response: ServerResponse, file: Buffer, behaviour?: Behaviour): void {
  if (behaviour?.kind === 'status') return void response.writeHead(behaviour.status).end()
  if (behaviour?.kind === 'redirect') return void response.writeHead(302, { location: behaviour.to }).end()
  if (behaviour?.kind === 'short') return void response.writeHead(200).end(file.subarray(0, behaviour.bytes))
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const ranged = start > 0 && behaviour?.kind !== 'no-range'
  if (ranged && start >= file.length) return void response.writeHead(416).end()
  const body = ranged ? file.subarray(start) : file
  const range = { 'content-range': `bytes ${start}-${file.length - 1}/${file.length}` }
  response.writeHead(ranged ? 206 : 200, { 'content-length': body.length, ...(ranged ? range : {}) })
  if (behaviour?.kind === 'cut') response.write(body.subarray(0, behaviour.after), () => response.socket?.destroySoon())
  else response.end(body)
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
}
