/** Whether a video file ends before its container says it does. ffmpeg reads such a file to where it ends and mostly says nothing. */

import { type FileHandle, open, stat } from 'node:fs/promises'

export interface Truncation {
  /** Bytes that the file should have, by its own account. */
  readonly expected: number
  readonly actual: number
}

/**
 * Known for MP4 and MOV, AVI, Matroska and WebM, ASF and WMV. null for other files, for those that say no size, such as
 * live recordings, and for transport streams, which have none: they may end after any packet.
 */
export async function findTruncation(path: string): Promise<Truncation | null> {
  const info = await stat(path)
  if (!info.isFile()) return null
  const actual = info.size
  const file = await open(path)
  try {
    const head = await read(file, 0, 16)
    const sizeOf = readerFor(head)
    const expected = (await sizeOf?.(file, actual)) ?? null
    return expected !== null && expected > actual ? { expected, actual } : null
  } finally {
    await file.close()
  }
}

/** The size that the container says; null when it says none. */
type SizeReader = (file: FileHandle, actual: number) => Promise<number | null>

const EBML = '1a45dfa3'
const ASF_HEADER = '3026b2758e66cf11a6d900aa0062ce6c'

function readerFor(head: Buffer): SizeReader | null {
  if (head.length < 16) return null
  // A QuickTime file without `ftyp` begins with one of the others.
  if (/^(ftyp|moov|mdat|wide|free|skip|pnot)$/.test(head.toString('latin1', 4, 8))) return mp4Size
  if (head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'AVI ') return aviSize
  if (head.toString('hex', 0, 4) === EBML) return matroskaSize
  return head.toString('hex') === ASF_HEADER ? asfSize : null
}

/** Boxes: size and type, and the size in eight bytes where four are too few (ISO/IEC 14496-12, 4.2). 0: to the end of the file. */
async function mp4Size(file: FileHandle, actual: number): Promise<number | null> {
  let offset = 0
  while (offset + 8 <= actual) {
    const header = await read(file, offset, 16)
    const short = header.readUInt32BE(0)
    const size = short === 1 && header.length === 16 ? Number(header.readBigUInt64BE(8)) : short
    if (size < 8) return null
    offset += size
  }
  return offset
}

/** Sizes near this are those of recordings that were never finished. */
const AVI_UNKNOWN = 0x7fff0000

/**
 * RIFF chunks, more than one in files over 1 GB (OpenDML). Truncation is what ends inside its list of frames: sizes of a whole
 * chunk are wrong in files of many recorders.
 */
async function aviSize(file: FileHandle, actual: number): Promise<number | null> {
  let offset = 0
  while (offset + 12 <= actual) {
    const riff = await chunkAt(file, offset)
    if (riff.id !== 'RIFF' || riff.size === 0 || riff.size >= AVI_UNKNOWN) return null
    const end = offset + 8 + riff.size
    if (end > actual) return (await endOfFrames(file, offset + 12, actual)) ? end : null
    offset = end + (riff.size % 2)
  }
  return offset
}

/** Whether the list of frames runs beyond the file's end. */
async function endOfFrames(file: FileHandle, from: number, actual: number): Promise<boolean> {
  let offset = from
  while (offset + 12 <= actual) {
    const { id, size, list } = await chunkAt(file, offset)
    if (id === 'LIST' && list === 'movi') return size > 0 && size < AVI_UNKNOWN && offset + 8 + size > actual
    offset += 8 + size + (size % 2)
  }
  return false
}

async function chunkAt(file: FileHandle, offset: number): Promise<{ id: string; size: number; list: string }> {
  const header = await read(file, offset, 12)
  return {
    id: header.toString('latin1', 0, 4),
    size: header.readUInt32LE(4),
    list: header.toString('latin1', 8, 12),
  }
}

const SEGMENT = '18538067'

/** The EBML header, then a segment of all the rest (RFC 8794, RFC 9559). A live recording has a segment of unknown size. */
async function matroskaSize(file: FileHandle): Promise<number | null> {
  const header = vint(await read(file, 4, 8))
  if (header === null) return null
  const start = 4 + header.length + header.value
  const segment = await read(file, start, 12)
  const size = segment.toString('hex', 0, 4) === SEGMENT ? vint(segment.subarray(4)) : null
  return size === null ? null : start + 4 + size.length + size.value
}

/** An integer whose leading zero bits say how long it is; null for all ones, which means unknown. */
function vint(bytes: Buffer): { value: number; length: number } | null {
  const length = Math.clz32(bytes[0] ?? 0) - 23
  if (length > 8 || bytes.length < length) return null
  const value = Number(BigInt(`0x${bytes.toString('hex', 0, length)}`) & ((1n << BigInt(7 * length)) - 1n))
  return value === Number((1n << BigInt(7 * length)) - 1n) ? null : { value, length }
}

const FILE_PROPERTIES = 'a1dcab8c47a9cf118ee400c00c205365'

/** The File Properties object of the header says the size of the file, unless it is a broadcast (ASF specification, 3.2). */
async function asfSize(file: FileHandle): Promise<number | null> {
  const header = await read(file, 0, 30)
  const end = Number(header.readBigUInt64LE(16))
  let offset = 30
  while (offset + 24 <= end) {
    const object = await read(file, offset, 92)
    if (object.length < 24) return null
    const size = Number(object.readBigUInt64LE(16))
    if (object.toString('hex', 0, 16) === FILE_PROPERTIES && object.length === 92) {
      const isBroadcast = (object.readUInt32LE(88) & 1) === 1
      return isBroadcast ? null : Number(object.readBigUInt64LE(40))
    }
    if (size < 24) return null
    offset += size
  }
  return null
}

/** Fewer bytes at the file's end. */
async function read(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset)
  return buffer.subarray(0, bytesRead)
}
