/** Starts an MQTT broker inside the process (aedes, MQTT 3.1.1), used only when no broker is configured. */

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { Aedes } from 'aedes'

export interface DemoBroker {
  readonly port: number
  /** mqtt://127.0.0.1:port */
  readonly url: string
  close(): Promise<void>
}

/**
 * Listens on loopback only, because it requires no password. Nothing is stored on disk.
 * @param port 0 chooses a free port
 * @throws Node's EADDRINUSE when the port is taken
 */
export async function startBroker(port: number): Promise<DemoBroker> {
  const broker = await Aedes.createBroker()
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    broker.handle(socket)
  })
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    await close(broker)
    throw error
  }
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('Expected a TCP address')
  return {
    port: address.port,
    url: `mqtt://127.0.0.1:${address.port}`,
    async close() {
      server.close()
      await close(broker)
      for (const socket of sockets) socket.destroy()
    },
  }
}

function close(broker: Aedes): Promise<void> {
  return new Promise(resolve => broker.close(() => resolve()))
}
