/** Serves telemetry over HTTP: /metrics for Prometheus, /healthz and /readyz for service managers. */

import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf, systemCodeOf, WatchwordError } from '../util/errors.ts'

export interface ServeOptions {
  /** 127.0.0.1 unless other machines may read it. */
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Where the port is taken: try the next ones. */
  readonly orNextFree?: boolean
}

export interface Served {
  /** http://host:port */
  readonly url: string
  readonly close: () => Promise<void>
}

/** A path's answer: status, content type, body. `accept` is what the asker says it reads. */
export type Answer = (accept: string) => Promise<readonly [status: number, type: string, body: string]>

/** @throws WatchwordError `port-in-use`, `port-not-allowed` */
export async function serve(answers: Readonly<Record<string, Answer>>, options: ServeOptions): Promise<Served> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined
    if (request.method !== 'GET' && request.method !== 'HEAD') end(response, 405, 'text/plain', 'only GET\n')
    else if (answer === undefined) end(response, 404, 'text/plain', `try ${Object.keys(answers).join(', ')}\n`)
    else
      answer(request.headers.accept ?? '').then(
        ([status, type, body]) => end(response, status, type, body),
        error => end(response, 500, 'text/plain', `${messageOf(error)}\n`),
      )
  })
  // A client that sends more after an answer with `connection: close` is no scraper: nothing more is read from it.
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET
  server.on('dropRequest', (_, socket) => socket.destroy())
  const port = await listen(server, options, options.orNextFree === true ? NEXT_PORTS : 0)
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A scraper opens a new connection after so many; the rest of a longer pipeline is not answered. */
const MAX_REQUESTS_PER_SOCKET = 100

/** How many ports after the wanted one are tried. */
const NEXT_PORTS = 20

async function listen(server: Server, { host, port }: ServeOptions, more: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.removeListener('error', reject)
        resolve()
      })
    })
    return (server.address() as AddressInfo).port
  } catch (error) {
    if (systemCodeOf(error) === 'EADDRINUSE' && more > 0) return listen(server, { host, port: port + 1 }, more - 1)
    throw listenError(error, host, port)
  }
}

function listenError(cause: unknown, host: string, port: number): WatchwordError {
  const facts = { host, port }
  if (systemCodeOf(cause) === 'EADDRINUSE')
    return new WatchwordError(`Port ${port} on ${host} is in use (\`metrics.port\`)`, {
      code: 'port-in-use',
      hint: 'Choose another `metrics.port`, or stop the program that has it.',
      cause,
      facts,
    })
  return new WatchwordError(`Cannot listen on ${host}:${port} (\`metrics\`): ${messageOf(cause)}`, {
    code: 'port-not-allowed',
    hint: 'Choose a `metrics.host` of this machine and a `metrics.port` above 1023.',
    cause,
    facts,
  })
}

function end(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
