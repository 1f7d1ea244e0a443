/**
 * The bytes of a bank file: `WWBANK\r\n`, uint32 version, uint32 length of the JSON, the JSON, the vectors as float16
 * row by row, and the uint32 CRC-32 of all that; numbers are little-endian. The JSON has one `[at, light, events]` per row.
 */

import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { Light } from '../types.ts'
import { float16ToFloat32 } from '../util/float16.ts'
import { parseJson } from '../util/parseJson.ts'
import { type BankEntry, CAPACITY, isVector, LIGHTS, type Reservoir, reservoirOf } from './reservoir.ts'

/** Embeddings of another model or variant are not comparable. */
export interface BankModel {
  /** sha256 of the image encoder. */
  readonly sha256: string
  readonly variant: string
  /** Length of an embedding. */
  readonly dim: number
}

export interface StoredBank extends BankModel {
  readonly camera: string
  readonly reservoir: Reservoir
}

const MAGIC = new TextEncoder().encode('WWBANK\r\n')
const VERSION = 1
const HEAD_BYTES = MAGIC.length + 8
const CRC_BYTES = 4

const headerSchema = z.object({
  camera: z.string(),
  sha256: z.string(),
  variant: z.string(),
  dim: z.int().min(1),
  known: z.int().min(0),
  admitted: z.record(z.enum(LIGHTS), z.int().min(0)),
  /** Names, so that the rows need numbers only. */
  events: z.array(z.string()),
  rows: z.array(z.tuple([z.number(), z.enum(LIGHTS), z.array(z.int().min(0))])).max(CAPACITY),
})
type Header = z.infer<typeof headerSchema>

export function encodeBank({ camera, sha256, variant, dim, reservoir }: StoredBank): Uint8Array {
  const { entries, known, admitted } = reservoir
  const events = [...new Set(entries.flatMap(entry => entry.events))]
  const header: Header = {
    camera,
    sha256,
    variant,
    dim,
    known,
    admitted: { ...admitted },
    events,
    rows: entries.map(entry => [entry.at, entry.light, entry.events.map(event => events.indexOf(event))]),
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const bytes = new Uint8Array(HEAD_BYTES + json.length + entries.length * dim * 2 + CRC_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(MAGIC)
  view.setUint32(MAGIC.length, VERSION, true)
  view.setUint32(MAGIC.length + 4, json.length, true)
  bytes.set(json, HEAD_BYTES)
  let offset = HEAD_BYTES + json.length
  for (const { vector } of entries) {
    bytes.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), offset)
    offset += vector.byteLength
  }
  view.setUint32(offset, crc32(bytes.subarray(0, offset)), true)
  return bytes
}

/** @returns the bank, or in a few words what is wrong with the bytes */
export function decodeBank(bytes: Uint8Array): StoredBank | string {
  if (bytes.length < HEAD_BYTES + CRC_BYTES) return 'it is cut short'
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) return 'it is no bank file'
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint32(MAGIC.length, true)
  if (version !== VERSION) return `it has version ${version}, and this Watchword reads version ${VERSION}`
  const end = bytes.length - CRC_BYTES
  if (view.getUint32(end, true) !== crc32(bytes.subarray(0, end))) return 'it is cut short or damaged'
  const rowsAt = HEAD_BYTES + view.getUint32(MAGIC.length + 4, true)
  const header = headerSchema.safeParse(parseJson(new TextDecoder().decode(bytes.subarray(HEAD_BYTES, rowsAt)))).data
  if (header === undefined || end - rowsAt !== header.rows.length * header.dim * 2) return 'its header is wrong'
  return bankOf(header, new Uint8Array(bytes.subarray(rowsAt, end))) ?? 'it has vectors that no model returns'
}

/** @returns null for vectors that are no embeddings */
function bankOf(
  { rows, events, dim, camera, sha256, variant, known, admitted }: Header,
  bytes: Uint8Array<ArrayBuffer>,
) {
  const vectors = new Uint16Array(bytes.buffer)
  const entries = rows.map(
    ([at, light, shown], i): BankEntry => ({
      vector: vectors.slice(i * dim, (i + 1) * dim),
      at,
      light,
      events: shown.flatMap(index => events[index] ?? []),
    }),
  )
  if (!entries.every(({ vector }) => isVector(float16ToFloat32(vector), dim))) return null
  return { camera, sha256, variant, dim, reservoir: reservoirOf(entries, { known, admitted: admittedOf(admitted) }) }
}

function admittedOf(found: Partial<Record<Light, number>>): Record<Light, number> {
  return { day: found.day ?? 0, night: found.night ?? 0, infrared: found.infrared ?? 0 }
}
