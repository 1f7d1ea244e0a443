/**
 * Finds keyframes, parameter sets and places where decoding can begin in RTP packets of H.264 (RFC 6184) and H.265
 * (RFC 7798). It runs for every packet of every camera, so it creates no object for most of them.
 */

export interface PacketContent {
  /** A slice of a frame that needs no other: IDR, or an IRAP of H.265. */
  readonly keyframe: boolean
  /** SPS, PPS or VPS. */
  readonly parameters: boolean
  /** Decoding can begin here: a keyframe, an intra slice or a recovery point. */
  readonly entry: boolean
}

export type InspectedCodec = 'h264' | 'h265'

const KEYFRAME = 1
const PARAMETERS = 2
const ENTRY = 4

/** Every combination of the three bits, so that no object is made per packet. */
const CONTENTS: readonly PacketContent[] = Array.from({ length: 8 }, (_, bits) => ({
  keyframe: (bits & KEYFRAME) !== 0,
  parameters: (bits & PARAMETERS) !== 0,
  entry: (bits & ENTRY) !== 0,
}))
const NOTHING: PacketContent = { keyframe: false, parameters: false, entry: false }

/** The codecs that can be inspected; null for all others. */
export function inspectedCodec(name: string | null): InspectedCodec | null {
  if (name === 'h265' || name === 'hevc') return 'h265'
  return name === 'h264' ? 'h264' : null
}

/** @param packet with its RTP header */
export function inspectPacket(codec: InspectedCodec, packet: Buffer): PacketContent {
  const start = payloadStart(packet)
  if (packet.length < start + 3) return NOTHING
  return CONTENTS[codec === 'h264' ? h264Payload(packet, start) : h265Payload(packet, start)] ?? NOTHING
}

function payloadStart(packet: Buffer): number {
  const first = packet[0] ?? 0
  const start = 12 + 4 * (first & 15)
  const hasExtension = (first & 0x10) !== 0 && packet.length >= start + 4
  return hasExtension ? start + 4 + 4 * packet.readUInt16BE(start + 2) : start
}

function h264Payload(packet: Buffer, at: number): number {
  const type = (packet[at] ?? 0) & 31
  if (type === 24) return aggregated(packet.subarray(at + 1), h264Unit)
  if (type !== 28 && type !== 29) return h264Unit(packet, at)
  const head = packet[at + 1] ?? 0
  return (head & 0x80) !== 0 ? h264Start(head & 31, packet, at + 2) : h264Type(head & 31)
}

function h265Payload(packet: Buffer, at: number): number {
  const type = ((packet[at] ?? 0) >> 1) & 63
  if (type === 48) return aggregated(packet.subarray(at + 2), h265Unit)
  if (type !== 49) return h265Unit(packet, at)
  const head = packet[at + 2] ?? 0
  return (head & 0x80) !== 0 ? h265Start(head & 63, packet, at + 3) : h265Type(head & 63)
}

/** Units behind a size of two bytes each. */
function aggregated(bytes: Buffer, contentOf: (unit: Buffer, at: number) => number): number {
  let content = 0
  for (let at = 0; at + 2 < bytes.length; ) {
    const size = bytes.readUInt16BE(at)
    content |= contentOf(bytes.subarray(at + 2, at + 2 + size), 0)
    at += 2 + size
  }
  return content
}

function h264Unit(bytes: Buffer, at: number): number {
  return h264Start((bytes[at] ?? 0) & 31, bytes, at + 1)
}

function h265Unit(bytes: Buffer, at: number): number {
  return h265Start(((bytes[at] ?? 0) >> 1) & 63, bytes, at + 2)
}

/** The first bytes of a unit, from `at`: some types say only there whether decoding can begin. */
function h264Start(type: number, bytes: Buffer, at: number): number {
  if (type === 1 && isIntraSlice(bytes, at)) return ENTRY
  if (type === 6 && hasRecoveryPoint(bytes, at)) return ENTRY
  return h264Type(type)
}

function h265Start(type: number, bytes: Buffer, at: number): number {
  return type === 39 && hasRecoveryPoint(bytes, at) ? ENTRY : h265Type(type)
}

/** ITU-T H.264, table 7-1. */
function h264Type(type: number): number {
  if (type === 5) return KEYFRAME | ENTRY
  return type === 7 || type === 8 ? PARAMETERS : 0
}

/** ITU-T H.265, table 7-1. */
function h265Type(type: number): number {
  if (type >= 16 && type <= 23) return KEYFRAME | ENTRY
  return type >= 32 && type <= 34 ? PARAMETERS : 0
}

const RECOVERY_POINT = 6

/** Annex D: message types and sizes, each a run of 255 and one more byte. */
function hasRecoveryPoint(bytes: Buffer, from: number): boolean {
  for (let at = from; at + 1 < bytes.length; ) {
    const [type, afterType] = readSeiNumber(bytes, at)
    const [size, afterSize] = readSeiNumber(bytes, afterType)
    if (type === RECOVERY_POINT) return true
    at = afterSize + size
  }
  return false
}

function readSeiNumber(bytes: Buffer, from: number): [number, number] {
  let at = from
  let value = 0
  while (bytes[at] === 255) {
    value += 255
    at++
  }
  return [value + (bytes[at] ?? 0), at + 1]
}

/** `first_mb_in_slice` is 0 and `slice_type` I or SI (ITU-T H.264, 7.3.3). */
function isIntraSlice(bytes: Buffer, from: number): boolean {
  const [firstBlock, bits] = readExpGolomb(bytes, from * 8)
  if (firstBlock !== 0) return false
  const [type] = readExpGolomb(bytes, bits)
  return type % 5 === 2 || type % 5 === 4
}

/** Value and the position after it, in bits. At most 16 leading zeros. */
function readExpGolomb(bytes: Buffer, from: number): [number, number] {
  const bit = (at: number) => ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1
  let zeros = 0
  while (zeros < 16 && bit(from + zeros) === 0) zeros++
  let value = 0
  for (let i = 0; i <= zeros; i++) value = value * 2 + bit(from + zeros + i)
  return [value - 1, from + 2 * zeros + 1]
}
