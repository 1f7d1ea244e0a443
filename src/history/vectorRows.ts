/**
 * The rows of a `vectors` file: the embedding as float16, zeros up to a multiple of 8 numbers, the uint32 time after the
 * segment's start in ms, and the uint32 CRC-32 of all that. Rows have one length, so that a search runs over them as they are.
 */

import { crc32 } from 'node:zlib'
import { float16ToFloat32 } from '../util/float16.ts'

/** Numbers per row: a multiple of what SIMD takes at once. */
export function paddedDim(dim: number): number {
  return Math.ceil(dim / 8) * 8
}

export function rowBytes(dim: number): number {
  return 2 * paddedDim(dim) + 8
}

export function encodeRow(half: Uint16Array, afterMs: number): Uint8Array<ArrayBuffer> {
  const row = new Uint8Array(rowBytes(half.length))
  row.set(new Uint8Array(half.buffer, half.byteOffset, half.byteLength))
  const view = new DataView(row.buffer)
  view.setUint32(row.length - 8, afterMs, true)
  view.setUint32(row.length - 4, crc32(row.subarray(0, row.length - 4)), true)
  return row
}

/** After the segment's start, ms. */
export function rowTime(row: Uint8Array): number {
  return new DataView(row.buffer, row.byteOffset, row.length).getUint32(row.length - 8, true)
}

export function isWholeRow(row: Uint8Array): boolean {
  const crc = new DataView(row.buffer, row.byteOffset, row.length).getUint32(row.length - 4, true)
  return crc === crc32(row.subarray(0, row.length - 4))
}

/** @returns null for a damaged row */
export function decodeRow(row: Uint8Array, dim: number): Float32Array | null {
  if (!isWholeRow(row)) return null
  return float16ToFloat32(new Uint16Array(new Uint8Array(row.subarray(0, 2 * dim)).buffer))
}
