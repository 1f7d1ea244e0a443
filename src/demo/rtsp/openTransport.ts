/** Opens the transport that a viewer's SETUP names: interleaved in its TCP connection, or UDP. */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:net'

export interface Transport {
  /** The `Transport` header of the answer. */
  readonly header: string
  send(packet: Buffer): void
  close(): void
}

/**
 * @param header the request's `Transport` header
 * @param onError called when the UDP socket fails
 * @returns null for a transport that is not supported
 */
export async function openTransport(socket: Socket, header: string, onError: () => void): Promise<Transport | null> {
  const channel = /^RTP\/AVP\/TCP;.*?interleaved=(\d+)(?:-(\d+))?/.exec(header)?.[1]
  if (channel !== undefined) return interleavedTransport(socket, Number(channel))
  const port = Number(/^RTP\/AVP(?:\/UDP)?;.*?client_port=(\d+)/.exec(header)?.[1] ?? 0)
  return udpTransport(socket, port, onError)
}

function interleavedTransport(socket: Socket, channel: number): Transport | null {
  if (channel > 254) return null
  return {
    header: `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`,
    send: packet => void socket.write(interleave(channel, packet)),
    close: () => undefined,
  }
}

async function udpTransport(socket: Socket, port: number, onError: () => void): Promise<Transport | null> {
  const address = socket.remoteAddress
  if (port < 1 || port > 65534 || address === undefined) return null
  const udp = createSocket(socket.remoteFamily === 'IPv6' ? 'udp6' : 'udp4')
  udp.bind(0, socket.localAddress)
  await once(udp, 'listening')
  udp.on('error', onError)
  const { port: own } = udp.address()
  return {
    header: `RTP/AVP;unicast;client_port=${port}-${port + 1};server_port=${own}-${own + 1}`,
    send: packet => udp.send(packet, port, address),
    close: () => udp.close(),
  }
}

function interleave(channel: number, packet: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(4 + packet.length)
  framed[0] = 0x24
  framed[1] = channel
  framed.writeUInt16BE(packet.length, 2)
  packet.copy(framed, 4)
  return framed
}
