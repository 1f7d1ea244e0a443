/**
 * The first KiB of every history file: `WWHIST\r\n`, uint32 version, uint32 length of the JSON, the JSON, zeros, and the
 * uint32 CRC-32 of all that; numbers are little-endian.
 */

import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { parseJson } from '../util/parseJson.ts'
import type { HistoryModel } from './storedFrame.ts'

/** `frames`: what was seen when; `vectors`: embeddings; `thumbnails`: small JPEGs. Also the ending of the file's name. */
export type SegmentPart = 'frames' | 'vectors' | 'thumbnails'

export interface SegmentHead extends HistoryModel {
  readonly part: SegmentPart
  readonly camera: string
  /** No vector of the segment is older: ms since the epoch. */
  readonly start: number
}

export const HEAD_BYTES = 1024
const MAGIC = new TextEncoder().encode('WWHIST\r\n')
const VERSION = 1

const headSchema = z.object({
  part: z.enum(['frames', 'vectors', 'thumbnails']),
  camera: z.string(),
  sha256: z.string(),
  variant: z.string(),
  dim: z.int().min(1).max(65_536),
  start: z.number(),
})

export function encodeHead(head: SegmentHead): Uint8Array<ArrayBuffer> {
  const { part, camera, sha256, variant, dim, start } = head
  const json = new TextEncoder().encode(JSON.stringify({ part, camera, sha256, variant, dim, start }))
  if (json.length > HEAD_BYTES - MAGIC.length - 12) throw new RangeError(`Expected a shorter name than ${camera}`)
  const bytes = new Uint8Array(HEAD_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(MAGIC)
  view.setUint32(MAGIC.length, VERSION, true)
  view.setUint32(MAGIC.length + 4, json.length, true)
  bytes.set(json, MAGIC.length + 8)
  view.setUint32(HEAD_BYTES - 4, crc32(bytes.subarray(0, HEAD_BYTES - 4)), true)
  return bytes
}

/** @returns the head, or in a few words why the file cannot be used */
export function decodeHead(
  bytes: Uint8Array,
  expected: HistoryModel & { readonly part: SegmentPart },
): SegmentHead | string {
  if (bytes.length < HEAD_BYTES) return 'it is cut short'
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) return 'it is no history file'
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEAD_BYTES)
  const version = view.getUint32(MAGIC.length, true)
  if (version !== VERSION) return `it has version ${version}, and this Watchword reads version ${VERSION}`
  if (view.getUint32(HEAD_BYTES - 4, true) !== crc32(bytes.subarray(0, HEAD_BYTES - 4))) return 'its head is damaged'
  const from = MAGIC.length + 8
  const json = bytes.subarray(from, from + view.getUint32(MAGIC.length + 4, true))
  const head = headSchema.safeParse(parseJson(new TextDecoder().decode(json))).data
  if (head === undefined || head.part !== expected.part) return 'its head is wrong'
  if (head.sha256 !== expected.sha256 || head.variant !== expected.variant) return 'it is of another model or variant'
  return head.dim === expected.dim ? head : `its vectors have ${head.dim} numbers instead of ${expected.dim}`
}
