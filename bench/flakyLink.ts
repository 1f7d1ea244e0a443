/** A TCP link to a server on loopback that can be cut, refuse connections, and stand still. */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface FlakyLink {
  readonly port: number
  /** Ends every connection; new ones work. */
  cut(): void
  /** Ends every connection, and nothing listens any more. */
  refuse(): Promise<void>
  /** Connections stay open, and no byte passes. */
  hang(): void
  /** Everything works again. */
  restore(): Promise<void>
  close(): Promise<void>
}

export async function startFlakyLink(targetPort: number): Promise<FlakyLink> {
  const sockets = new Set<Socket>()
  let hangs = false
  const server = createServer(client => {
    const upstream = connect(targetPort, '127.0.0.1')
    client.pipe(upstream).pipe(client)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    if (hangs) pause(client, upstream)
  })
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const refuse = async () => {
    cut()
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    await closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  async function listen(at: number) {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
  }
  return {
    port,
    cut,
    refuse,
    hang() {
      hangs = true
      for (const socket of sockets) pause(socket)
    },
    async restore() {
      // What stood still stays so: a server that comes back does not know its old connections.
      if (hangs) cut()
      hangs = false
      if (!server.listening) await listen(port)
    },
    close: refuse,
  }
}

function pause(...sockets: Socket[]) {
  for (const socket of sockets) {
    socket.unpipe()
    socket.pause()
  }
}
