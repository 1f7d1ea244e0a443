/** The records of a `frames` file: signals in order, packed, with a head that says which times and vectors they have. */

import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { packSignals } from './packSignals.ts'
import type { StoredSignal } from './storedFrame.ts'
import { unpackSignals } from './unpackSignals.ts'

export interface ChunkHead {
  /** Position of the head in the file. */
  readonly position: number
  readonly bytes: number
  readonly crc: number
  readonly isDeflated: boolean
  readonly frames: number
  /** Rows that came with this chunk: `firstRow` up to, but not including, `endRow`. */
  readonly firstRow: number
  readonly endRow: number
  /** Times of the signals, ms since the epoch. */
  readonly from: number
  readonly to: number
}

const MAGIC = Buffer.from('WWC\x01', 'latin1')
export const CHUNK_HEAD_BYTES = 52
/** Fewer bytes are not worth it. */
const LEAST_DEFLATED = 256
const MOST_INFLATED = 64 * 2 ** 20

export interface Chunk {
  readonly signals: readonly StoredSignal[]
  readonly firstRow: number
  readonly endRow: number
}

export function encodeChunk({ signals, firstRow, endRow }: Chunk): Uint8Array<ArrayBuffer> {
  const packed = packSignals(signals)
  const isDeflated = packed.length >= LEAST_DEFLATED
  const payload = isDeflated ? deflateRawSync(packed) : packed
  const bytes = Buffer.alloc(CHUNK_HEAD_BYTES + payload.length)
  const times = signals.map(({ at }) => at)
  MAGIC.copy(bytes)
  const frames = signals.filter(({ kind }) => kind === 'frame').length
  const words = [payload.length, crc32(payload), Number(isDeflated), signals.length, frames, firstRow, endRow]
  for (const [i, word] of words.entries()) bytes.writeUInt32LE(word, 4 + 4 * i)
  bytes.writeDoubleLE(
    times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    32,
  )
  bytes.writeDoubleLE(
    times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    40,
  )
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CHUNK_HEAD_BYTES - 4)), CHUNK_HEAD_BYTES - 4)
  bytes.set(payload, CHUNK_HEAD_BYTES)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

export interface FoundChunks {
  readonly chunks: readonly ChunkHead[]
  /** Where the last whole chunk ends. */
  readonly end: number
  /** Bytes between whole chunks that are none. What follows the last one may still be being written, and does not count. */
  readonly damaged: number
}

/** @param from where the chunks begin in these bytes */
export function findChunks(file: Uint8Array, from: number): FoundChunks {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length)
  const chunks: ChunkHead[] = []
  let [end, damaged] = [from, 0]
  for (let at = from; at >= 0 && at + CHUNK_HEAD_BYTES <= bytes.length; ) {
    const head = headAt(bytes, at)
    if (head === null) {
      at = bytes.indexOf(MAGIC, at + 1)
      continue
    }
    damaged += at - end
    chunks.push(head)
    at += CHUNK_HEAD_BYTES + head.bytes
    end = at
  }
  return { chunks, end, damaged }
}

/** @returns null for a damaged chunk */
export function decodeChunk(payload: Uint8Array, head: ChunkHead): StoredSignal[] | null {
  if (payload.length !== head.bytes || crc32(payload) !== head.crc) return null
  try {
    return unpackSignals(head.isDeflated ? inflateRawSync(payload, { maxOutputLength: MOST_INFLATED }) : payload)
  } catch {
    return null
  }
}

/** @returns null where no whole chunk begins */
function headAt(bytes: Buffer, position: number): ChunkHead | null {
  const head = bytes.subarray(position, position + CHUNK_HEAD_BYTES)
  if (!head.subarray(0, 4).equals(MAGIC)) return null
  if (head.readUInt32LE(CHUNK_HEAD_BYTES - 4) !== crc32(head.subarray(0, CHUNK_HEAD_BYTES - 4))) return null
  const word = (index: number) => head.readUInt32LE(4 + 4 * index)
  if (position + CHUNK_HEAD_BYTES + word(0) > bytes.length) return null
  return {
    position,
    bytes: word(0),
    crc: word(1),
    isDeflated: word(2) === 1,
    frames: word(4),
    firstRow: word(5),
    endRow: word(6),
    from: head.readDoubleLE(32),
    to: head.readDoubleLE(40),
  }
}
