/** Cuts an RTSP connection (RFC 2326) into messages and interleaved packets, with bounds on both. */

import { SourceError } from '../sourceErrors.ts'

export interface RtspMessage {
  /** The first line: `RTSP/1.0 200 OK`, or a request. */
  readonly start: string
  /** The first value of a header, by its name in lower case. */
  header(name: string): string | undefined
  /** Every value of a header that may come more than once. */
  headers(name: string): readonly string[]
  readonly body: string
}

export interface RtspReaderOptions {
  readonly onMessage: (message: RtspMessage) => void
  /** The payload is valid during the call only, and may be changed in place. */
  readonly onPacket: (channel: number, payload: Buffer) => void
}

/** Cameras send a few hundred bytes. */
const LONGEST_HEAD = 16 * 1024
/** A session description; cameras send one or two KiB. */
const LONGEST_BODY = 128 * 1024

const DOLLAR = 0x24
const TLS_ALERT = 0x15
const PACKET_HEAD = 4

/**
 * Takes bytes in any portions. Bytes that belong to nothing are skipped, as a damaged stream has them.
 * @throws SourceError `camera-answer-too-large`, `camera-tls`
 */
export function createRtspReader({ onMessage, onPacket }: RtspReaderOptions): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return chunk => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (at < bytes.length) {
      const isPacket = bytes[at] === DOLLAR
      const length = isPacket ? packetLength(bytes, at) : messageLength(bytes.subarray(at))
      if (length === null || at + length > bytes.length) break
      if (isPacket) onPacket(bytes[at + 1] ?? 0, bytes.subarray(at + PACKET_HEAD, at + length))
      else if (isLetter(bytes[at])) onMessage(parse(bytes.subarray(at, at + length)))
      at += length
    }
    // A copy: the chunk's memory is used again.
    rest = Buffer.from(bytes.subarray(at))
  }
}

function packetLength(bytes: Buffer, at: number): number | null {
  return bytes.length < at + PACKET_HEAD ? null : PACKET_HEAD + bytes.readUInt16BE(at + 2)
}

/** Of the message, or of what has to be skipped, at the beginning of the bytes; null: more is needed to know. */
function messageLength(bytes: Buffer): number | null {
  const [first] = bytes
  if (first === undefined) return null
  if (first === TLS_ALERT) {
    throw new SourceError('the camera speaks TLS at this port: write rtsps:// in its `url`', {
      reason: 'invalid-data',
      code: 'camera-tls',
    })
  }
  if (!isLetter(first)) return skipped(bytes)
  const end = headEnd(bytes)
  if (end === null) {
    if (bytes.length > LONGEST_HEAD) throw tooLarge('a longer header', LONGEST_HEAD)
    return null
  }
  const body = Number(/^content-length[ \t]*:[ \t]*(\d{1,15})/im.exec(bytes.toString('latin1', 0, end))?.[1] ?? 0)
  if (end > LONGEST_HEAD) throw tooLarge('a longer header', LONGEST_HEAD)
  if (body > LONGEST_BODY) throw tooLarge(`an answer of ${body} bytes`, LONGEST_BODY)
  return end + body
}

function tooLarge(what: string, bound: number): SourceError {
  return new SourceError(`the camera sends ${what}, and ${bound} bytes are the most that is taken: it is no camera's`, {
    reason: 'invalid-data',
    code: 'camera-answer-too-large',
  })
}

/** Up to the next packet of the channels in use, or the next answer. */
function skipped(bytes: Buffer): number {
  const packet = bytes.indexOf(DOLLAR, 1)
  const answer = bytes.indexOf('RTSP/1.', 1, 'latin1')
  const next = Math.min(...[packet, answer].filter(at => at >= 0))
  return Number.isFinite(next) ? next : bytes.length
}

/** Where the empty line after the headers ends; some cameras write a bare line feed. */
function headEnd(bytes: Buffer): number | null {
  const ends = [bytes.indexOf('\r\n\r\n') + 4, bytes.indexOf('\n\n') + 2].filter(end => end >= 4)
  return ends.length === 0 ? null : Math.min(...ends)
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a))
}

function parse(bytes: Buffer): RtspMessage {
  const end = headEnd(bytes) ?? bytes.length
  const [start = '', ...lines] = bytes.toString('latin1', 0, end).trimEnd().split(/\r?\n/)
  const found = new Map<string, string[]>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    found.set(name, [...(found.get(name) ?? []), line.slice(colon + 1).trim()])
  }
  return {
    start,
    header: name => found.get(name)?.[0],
    headers: name => found.get(name) ?? [],
    body: bytes.toString('utf8', end),
  }
}
