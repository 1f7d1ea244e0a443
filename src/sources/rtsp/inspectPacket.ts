/** What an RTP packet of H.264 (RFC 6184) or H.265 (RFC 7798) carries: a keyframe, parameter sets, or a place to join. */

export interface PacketContent {
  /** A slice of a picture that needs no other: IDR, or an IRAP of H.265. */
  readonly keyframe: boolean
  /** SPS, PPS or VPS. */
  readonly parameters: boolean
  /** Decoding can begin here: a keyframe, an intra slice or a recovery point. */
  readonly entry: boolean
}

export type InspectedCodec = 'h264' | 'h265'

const NOTHING: PacketContent = { keyframe: false, parameters: false, entry: false }

/** The codecs that can be looked into; null for all others. */
export function inspectedCodec(name: string | null): InspectedCodec | null {
  if (name === 'h265' || name === 'hevc') return 'h265'
  return name === 'h264' ? 'h264' : null
}

/** @param packet with its RTP header */
export function inspectPacket(codec: InspectedCodec, packet: Buffer): PacketContent {
  const payload = rtpPayload(packet)
  if (payload.length < 3) return NOTHING
  const parts = codec === 'h264' ? h264Parts(payload) : h265Parts(payload)
  const contents = parts.map(part => (codec === 'h264' ? h264Content(part) : h265Content(part)))
  return {
    keyframe: contents.some(({ keyframe }) => keyframe),
    parameters: contents.some(({ parameters }) => parameters),
    entry: contents.some(({ entry }) => entry),
  }
}

function rtpPayload(packet: Buffer): Buffer {
  const first = packet[0] ?? 0
  let start = 12 + 4 * (first & 15)
  if (first & 0x10 && packet.length >= start + 4) start += 4 + 4 * packet.readUInt16BE(start + 2)
  return packet.subarray(start)
}

/** A NAL unit, or the beginning of one, without its header. */
interface NalPart {
  readonly type: number
  /** False for the later fragments of a unit. */
  readonly first: boolean
  readonly data: Buffer
}

function h264Parts(payload: Buffer): NalPart[] {
  const type = (payload[0] ?? 0) & 31
  if (type === 24) return aggregated(payload.subarray(1)).map(nal => h264Whole(nal))
  if (type !== 28 && type !== 29) return [h264Whole(payload)]
  const head = payload[1] ?? 0
  return [{ type: head & 31, first: (head & 0x80) !== 0, data: payload.subarray(2) }]
}

function h264Whole(nal: Buffer): NalPart {
  return { type: (nal[0] ?? 0) & 31, first: true, data: nal.subarray(1) }
}

function h265Parts(payload: Buffer): NalPart[] {
  const type = ((payload[0] ?? 0) >> 1) & 63
  if (type === 48) return aggregated(payload.subarray(2)).map(nal => h265Whole(nal))
  if (type !== 49) return [h265Whole(payload)]
  const head = payload[2] ?? 0
  return [{ type: head & 63, first: (head & 0x80) !== 0, data: payload.subarray(3) }]
}

function h265Whole(nal: Buffer): NalPart {
  return { type: ((nal[0] ?? 0) >> 1) & 63, first: true, data: nal.subarray(2) }
}

/** Units behind a size of two bytes each. */
function aggregated(bytes: Buffer): Buffer[] {
  const units: Buffer[] = []
  for (let at = 0; at + 2 < bytes.length; ) {
    const size = bytes.readUInt16BE(at)
    units.push(bytes.subarray(at + 2, at + 2 + size))
    at += 2 + size
  }
  return units
}

/** ITU-T H.264, table 7-1. */
function h264Content({ type, first, data }: NalPart): PacketContent {
  const keyframe = type === 5
  const entry = keyframe || (type === 1 && first && isIntraSlice(data)) || (type === 6 && hasRecoveryPoint(data))
  return { keyframe, parameters: type === 7 || type === 8, entry }
}

/** ITU-T H.265, table 7-1. */
function h265Content({ type, data }: NalPart): PacketContent {
  const keyframe = type >= 16 && type <= 23
  return { keyframe, parameters: type >= 32 && type <= 34, entry: keyframe || (type === 39 && hasRecoveryPoint(data)) }
}

const RECOVERY_POINT = 6

/** Annex D: message types and sizes, each a run of 255 and one more byte. */
function hasRecoveryPoint(data: Buffer): boolean {
  for (let at = 0; at + 1 < data.length; ) {
    const [type, afterType] = readSeiNumber(data, at)
    const [size, afterSize] = readSeiNumber(data, afterType)
    if (type === RECOVERY_POINT) return true
    at = afterSize + size
  }
  return false
}

function readSeiNumber(data: Buffer, from: number): [number, number] {
  let at = from
  let value = 0
  while (data[at] === 255) {
    value += 255
    at++
  }
  return [value + (data[at] ?? 0), at + 1]
}

/** `first_mb_in_slice` is 0 and `slice_type` I or SI (ITU-T H.264, 7.3.3). */
function isIntraSlice(data: Buffer): boolean {
  const [firstBlock, bits] = readExpGolomb(data, 0)
  if (firstBlock !== 0) return false
  const [type] = readExpGolomb(data, bits)
  return type % 5 === 2 || type % 5 === 4
}

/** Value and the position after it, in bits. At most 16 leading zeros. */
function readExpGolomb(data: Buffer, from: number): [number, number] {
  const bit = (at: number) => ((data[at >> 3] ?? 0) >> (7 - (at & 7))) & 1
  let zeros = 0
  while (zeros < 16 && bit(from + zeros) === 0) zeros++
  let value = 0
  for (let i = 0; i <= zeros; i++) value = value * 2 + bit(from + zeros + i)
  return [value - 1, from + 2 * zeros + 1]
}
