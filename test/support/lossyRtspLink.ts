/** Between an RTSP client and a server on loopback that sends over UDP: loses a fraction of the packets. */

import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createRandom } from '../../src/util/random.ts'

export interface LossyRtspLink {
  /** Of the server, through this link. */
  readonly url: string
  /** Media packets that came from the server, and those of them that were lost. */
  counts(): { readonly sent: number; readonly lost: number }
  close(): Promise<void>
}

const HOST = '127.0.0.1'

/** @param loss fraction of the media packets, [0, 1); the choice is seeded */
export async function startLossyRtspLink(serverUrl: string, loss: number): Promise<LossyRtspLink> {
  const target = new URL(serverUrl)
  const random = createRandom(`loss ${loss}`)
  const open = new Set<{ close(): void }>()
  let [sent, lost] = [0, 0]

  /** Ports of the link for one client; what comes there goes on to the client's. */
  const relay = async (client: number): Promise<readonly [number, number]> => {
    const [media, control] = await Promise.all([bind(), bind()])
    for (const socket of [media, control]) open.add(socket)
    media.on('message', packet => {
      sent++
      if (random.between(0, 1) < loss) lost++
      else media.send(packet, client, HOST)
    })
    control.on('message', packet => control.send(packet, client + 1, HOST))
    return [media.address().port, control.address().port]
  }
  const serve = (client: Socket) => {
    const server = connect(Number(target.port), HOST)
    let ports: { readonly client: string; readonly own: string } | null = null
    open.add({ close: () => client.destroy() })
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => {})
      from.on('close', () => to.destroy())
    }
    // A request comes in one piece. Each waits for the one before it, because ports are opened meanwhile.
    let turn = Promise.resolve()
    client.on('data', chunk => {
      turn = turn.then(async () => {
        const text = chunk.toString('latin1')
        const [, first, second] = /client_port=(\d+)-(\d+)/.exec(text) ?? []
        if (first !== undefined && ports === null)
          ports = {
            client: `client_port=${first}-${second}`,
            own: `client_port=${(await relay(Number(first))).join('-')}`,
          }
        server.write(ports === null ? chunk : Buffer.from(text.replace(ports.client, ports.own), 'latin1'))
      })
    })
    server.on('data', chunk => {
      const text = chunk.toString('latin1')
      client.write(ports === null ? chunk : Buffer.from(text.replace(ports.own, ports.client), 'latin1'))
    })
  }
  const server = createServer(serve)
  server.listen(0, HOST)
  await once(server, 'listening')
  const url = new URL(serverUrl)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    counts: () => ({ sent, lost }),
    async close() {
      for (const each of open) each.close()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bind(): Promise<UdpSocket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 2 ** 20 })
  socket.bind(0, HOST)
  await once(socket, 'listening')
  return socket
}
