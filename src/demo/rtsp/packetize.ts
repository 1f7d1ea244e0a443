/** H.264 over RTP: RFC 6184, packetization-mode 1 (single NAL units and FU-A fragments). */

import type { AccessUnit } from './createAccessUnitSplitter.ts'

export const PAYLOAD_TYPE = 96
export const CLOCK_RATE = 90_000

const HEADER = 12
const FU_A = 28

export interface RtpState {
  readonly ssrc: number
  /** Next sequence number, 16 bit. */
  sequence: number
}

/**
 * One access unit as RTP packets; the last one carries the marker.
 * @param timestamp in ticks of 90 kHz, 32 bit
 * @param maxPayload bytes a packet may carry after the RTP header
 */
export function packetize(unit: AccessUnit, timestamp: number, state: RtpState, maxPayload = 1200): Buffer[] {
  const payloads = unit.nals.flatMap(nal => (nal.length <= maxPayload ? [nal] : fragments(nal, maxPayload)))
  return payloads.map((payload, index) => {
    const packet = Buffer.allocUnsafe(HEADER + payload.length)
    packet[0] = 0x80
    packet[1] = PAYLOAD_TYPE | (index === payloads.length - 1 ? 0x80 : 0)
    packet.writeUInt16BE(state.sequence, 2)
    packet.writeUInt32BE(timestamp >>> 0, 4)
    packet.writeUInt32BE(state.ssrc, 8)
    payload.copy(packet, HEADER)
    state.sequence = (state.sequence + 1) & 0xffff
    return packet
  })
}

function fragments(nal: Buffer, maxPayload: number): Buffer[] {
  const header = nal[0] ?? 0
  const room = maxPayload - 2
  const parts: Buffer[] = []
  for (let offset = 1; offset < nal.length; offset += room) {
    const body = nal.subarray(offset, offset + room)
    const first = offset === 1 ? 0x80 : 0
    const last = offset + room >= nal.length ? 0x40 : 0
    parts.push(Buffer.concat([Buffer.of((header & 0xe0) | FU_A, first | last | (header & 0x1f)), body]))
  }
  return parts
}
