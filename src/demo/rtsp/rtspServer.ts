/** A small RTSP server for the demo's cameras: loopback, H.264, TCP and UDP, digest authentication, several viewers. */

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createDigestGuard } from './digestGuard.ts'
import { createLiveStream, type LiveStream } from './liveStream.ts'
import { serveViewer } from './serveViewer.ts'

export interface RtspServerOptions {
  /** Address to listen at. Default 127.0.0.1. */
  readonly host?: string
  /** 0 chooses a free port. Default 0. */
  readonly port?: number
  /** Required from every viewer; without it, anyone may connect. */
  readonly credentials?: { readonly username: string; readonly password: string }
}

export interface RtspServer {
  readonly port: number
  /** Opens `rtsp://host:port/<name>` and returns the stream to write to. */
  mount(name: string): LiveStream
  /** Address of a mounted stream, without credentials. */
  url(name: string): string
  /** Ends every connection and stops listening. */
  close(): Promise<void>
}

/** @throws Node's EADDRINUSE and the like when the address is not available. */
export async function startRtspServer({
  host = '127.0.0.1',
  port = 0,
  credentials,
}: RtspServerOptions = {}): Promise<RtspServer> {
  const streams = new Map<string, LiveStream>()
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serveViewer({
      socket,
      streamAt: path => streams.get(path),
      guard: credentials ? createDigestGuard('watchword', credentials) : null,
    })
  })
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('Expected a TCP address')

  return {
    port: address.port,
    mount(name) {
      const stream = createLiveStream(name, () => performance.now())
      streams.set(`/${name}`, stream)
      return stream
    },
    url: name => `rtsp://${host.includes(':') ? `[${host}]` : host}:${address.port}/${name}`,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
