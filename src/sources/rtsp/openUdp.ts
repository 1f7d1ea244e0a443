/** A pair of UDP ports that a camera sends to: packets of that camera only, put back in order. */

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { SourceError } from '../sourceErrors.ts'

export interface UdpPorts {
  /** Even; the next one is for RTCP. */
  readonly port: number
  /** Where the camera sends from: opens the way through a firewall, and is where reports go to. */
  aim(serverPort: number): void
  sendReport(payload: Buffer): void
  close(): void
}

export interface UdpOptions {
  /** Of this machine. */
  readonly localAddress: string
  /** Of the camera. */
  readonly address: string
  readonly onPacket: (payload: Buffer) => void
}

const ATTEMPTS = 20
const FIRST_PORT = 20_000
const PORT_PAIRS = 20_000
/** A keyframe comes as a burst of hundreds of packets. */
const RECEIVE_BUFFER = 2 ** 20
/** An empty RTP packet, as ffmpeg sends it to open a firewall. */
const PUNCH = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])

/** @throws SourceError when no pair of ports is free */
export async function openUdp({ localAddress, address, onPacket }: UdpOptions): Promise<UdpPorts> {
  const [port, media, control] = await bindPair(localAddress)
  const reorder = createReorder(onPacket)
  let serverPort: number | null = null
  media.on('message', (payload, from) => {
    if (sameAddress(from.address, address)) reorder(payload)
  })
  return {
    port,
    aim(to) {
      serverPort = to
      media.send(PUNCH, to, address)
      control.send(PUNCH, to + 1, address)
    },
    sendReport(payload) {
      if (serverPort !== null) control.send(payload, serverPort + 1, address)
    },
    close() {
      media.close()
      control.close()
    },
  }
}

async function bindPair(localAddress: string): Promise<[number, Socket, Socket]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST_PORT + 2 * Math.floor(Math.random() * PORT_PAIRS)
    const sockets = [port, port + 1].map(() => {
      const type = isIPv6(localAddress) ? 'udp6' : 'udp4'
      return createSocket({ type, recvBufferSize: RECEIVE_BUFFER }).on('error', () => {})
    })
    try {
      for (const [i, socket] of sockets.entries()) {
        const bound = once(socket, 'listening')
        socket.bind(port + i, localAddress)
        await bound
      }
      const [media, control] = sockets as [Socket, Socket]
      return [port, media, control]
    } catch {
      for (const socket of sockets) socket.close()
    }
  }
  throw new SourceError('no pair of UDP ports is free on this machine', { reason: 'crash', code: 'camera-transport' })
}

function sameAddress(one: string, other: string): boolean {
  return one.replace(/^::ffff:/, '') === other.replace(/^::ffff:/, '')
}

/** How many packets wait for one that is late before it is given up. */
const MAX_EARLY_PACKETS = 16

/** Hands packets on by their sequence number. */
export function createReorder(deliver: (packet: Buffer) => void): (packet: Buffer) => void {
  const early = new Map<number, Buffer>()
  let expected: number | null = null
  const advance = () => {
    for (let next = early.get(expected ?? 0); next; next = early.get(expected ?? 0)) {
      early.delete(expected ?? 0)
      expected = ((expected ?? 0) + 1) & 0xffff
      deliver(next)
    }
  }
  return packet => {
    if (packet.length < 12) return
    const sequence = packet.readUInt16BE(2)
    expected ??= sequence
    const ahead = (sequence - expected) & 0xffff
    // Behind: too late, or sent twice. Far ahead or behind: the camera restarted.
    if (ahead > 0x8000 && ahead > 0xff00) return
    if (ahead > 0x400) {
      early.clear()
      expected = sequence
    }
    early.set(sequence, packet)
    if (early.size > MAX_EARLY_PACKETS) {
      const oldest = [...early.keys()].sort(
        (a, b) => ((a - (expected ?? 0)) & 0xffff) - ((b - (expected ?? 0)) & 0xffff),
      )
      expected = oldest[0] ?? sequence
    }
    advance()
  }
}
