/** Writes the interleaved packets (RFC 2326, 10.12) of one turn of the event loop at once: a write per packet is slow. */

import type { Socket } from 'node:net'

export interface PacketWriter {
  /** Copies the packet, whose memory may change afterwards. */
  write(packet: Buffer): void
  /** Writes what was collected, now. */
  flush(): void
}

const DOLLAR = 0x24
const HEAD = 4
/** Holds two packets of the largest size, and what a camera sends in a few milliseconds. */
const BUFFER_BYTES = 128 * 1024

/** @param onFull called when the socket's reader is behind; the socket's `drain` follows */
export function createPacketWriter(socket: Socket, onFull: () => void): PacketWriter {
  let buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  let used = 0

  const flush = () => {
    if (used === 0) return
    const bytes = buffer.subarray(0, used)
    used = 0
    if (socket.destroyed || socket.writableEnded) return
    const flows = socket.write(bytes)
    // What the kernel did not take at once is still read from this memory.
    if (socket.writableLength > 0) buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
    if (!flows) onFull()
  }

  return {
    write(packet) {
      if (used + HEAD + packet.length > BUFFER_BYTES) flush()
      if (used === 0) setImmediate(flush)
      buffer[used] = DOLLAR
      buffer[used + 1] = 0
      buffer.writeUInt16BE(packet.length, used + 2)
      packet.copy(buffer, used + HEAD)
      used += HEAD + packet.length
    },
    flush,
  }
}
