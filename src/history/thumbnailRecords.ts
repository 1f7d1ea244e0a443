/**
 * The records of a `thumbnails` file: 4 bytes `WWJ` + 1, uint32 length, uint32 CRC-32 of what follows, float64 time, the length
 * of the view's id as one byte, the id, and the JPEG.
 */

import { crc32 } from 'node:zlib'

export interface FoundThumbnail {
  /** Position and length of the JPEG in the file. */
  readonly position: number
  readonly bytes: number
  readonly at: number
  readonly view: string
}

const MAGIC = Buffer.from('WWJ\x01', 'latin1')
const HEAD = 12

export function encodeThumbnail(at: number, view: string, jpeg: Uint8Array): Uint8Array<ArrayBuffer> {
  const id = Buffer.from(view).subarray(0, 255)
  const body = Buffer.alloc(9 + id.length + jpeg.length)
  body.writeDoubleLE(at, 0)
  body.writeUInt8(id.length, 8)
  body.set(id, 9)
  body.set(jpeg, 9 + id.length)
  const bytes = new Uint8Array(HEAD + body.length)
  const head = new DataView(bytes.buffer)
  bytes.set(MAGIC)
  head.setUint32(4, body.length, true)
  head.setUint32(8, crc32(body), true)
  bytes.set(body, HEAD)
  return bytes
}

/** Whole records, in order. Damaged ones are skipped. */
export function findThumbnails(file: Uint8Array, from: number): { found: FoundThumbnail[]; end: number } {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length)
  const found: FoundThumbnail[] = []
  let end = from
  for (let at = from; at >= 0 && at + HEAD <= bytes.length; ) {
    const record = recordAt(bytes, at)
    if (record === null) {
      at = bytes.indexOf(MAGIC, at + 1)
      continue
    }
    found.push(record)
    at = record.position + record.bytes
    end = at
  }
  return { found, end }
}

function recordAt(bytes: Buffer, at: number): FoundThumbnail | null {
  if (!bytes.subarray(at, at + 4).equals(MAGIC)) return null
  const [start, length] = [at + HEAD, bytes.readUInt32LE(at + 4)]
  if (length < 9 || start + length > bytes.length) return null
  const body = bytes.subarray(start, start + length)
  if (crc32(body) !== bytes.readUInt32LE(at + 8)) return null
  const idBytes = body.readUInt8(8)
  if (9 + idBytes > length) return null
  return {
    position: start + 9 + idBytes,
    bytes: length - 9 - idBytes,
    at: body.readDoubleLE(0),
    view: body.toString('utf8', 9, 9 + idBytes),
  }
}
