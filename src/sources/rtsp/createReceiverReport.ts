/** RTCP receiver reports (RFC 3550, 6.4.2): over UDP some cameras know by them alone that someone still watches. */

import { randomBytes } from 'node:crypto'

export interface ReceiverReport {
  /** Counts an RTP packet. */
  saw(packet: Buffer): void
  /** The compound packet to send; null before the first packet. */
  report(): Buffer | null
}

const RECEIVER_REPORT = 201
const DESCRIPTION = 202
const CNAME = 1
/** Larger steps are not counted as loss: the camera restarted. */
const LARGEST_STEP = 0x400

export function createReceiverReport(): ReceiverReport {
  const own = randomBytes(4)
  let source: number | null = null
  let first = 0
  let highest = 0
  let received = 0
  let before = { expected: 0, received: 0 }

  const begin = (packet: Buffer) => {
    source = packet.readUInt32BE(8)
    first = highest = packet.readUInt16BE(2)
    received = 0
    before = { expected: 0, received: 0 }
  }
  return {
    saw(packet) {
      if (packet.length < 12) return
      if (packet.readUInt32BE(8) !== source) begin(packet)
      // Signed: a packet that is late does not lower what was the highest.
      const step = ((packet.readUInt16BE(2) - highest) << 16) >> 16
      if (Math.abs(step) > LARGEST_STEP) begin(packet)
      else highest += Math.max(0, step)
      received++
    },
    report() {
      if (source === null) return null
      const expected = highest - first + 1
      const wanted = expected - before.expected
      const lost = Math.max(0, wanted - (received - before.received))
      before = { expected, received }
      const report = Buffer.alloc(32)
      report.writeUInt16BE(0x8100 | RECEIVER_REPORT, 0)
      report.writeUInt16BE(report.length / 4 - 1, 2)
      own.copy(report, 4)
      report.writeUInt32BE(source, 8)
      report[12] = wanted > 0 ? Math.min(255, Math.floor((lost * 256) / wanted)) : 0
      report.writeUIntBE(Math.min(0x7fffff, Math.max(0, expected - received)), 13, 3)
      report.writeUInt32BE(highest % 2 ** 32, 16)
      return Buffer.concat([report, describe(own)])
    },
  }
}

/** An arbitrary name, in one chunk padded to 32-bit words. */
function describe(own: Buffer): Buffer {
  const name = own.toString('hex')
  const packet = Buffer.alloc(20)
  packet.writeUInt16BE(0x8100 | DESCRIPTION, 0)
  packet.writeUInt16BE(packet.length / 4 - 1, 2)
  own.copy(packet, 4)
  packet[8] = CNAME
  packet[9] = name.length
  packet.write(name, 10, 'latin1')
  return packet
}
