/** Joins the small chunks of a segment that has ended into large ones, which deflate several times better. Blocks its thread. */

import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { PART_SUFFIX, PRIVATE_FILE } from '../util/atomicWrite.ts'
import { CHUNK_HEAD_BYTES, type Chunk, decodeChunk, encodeChunk, findChunks } from './chunks.ts'
import { decodeHead, HEAD_BYTES } from './segmentHead.ts'
import { type Segment, segmentPath } from './segments.ts'
import type { HistoryModel, StoredSignal } from './storedFrame.ts'

/** More deflate hardly better, and each hit of a search unpacks one. */
const SIGNALS = 512

/** The segment stays as it is where this fails, or where a chunk is damaged. */
export function compactSegment(segment: Pick<Segment, 'folder' | 'start'>, model: HistoryModel): void {
  const path = segmentPath(segment, 'frames')
  const part = `${path}${PART_SUFFIX}`
  try {
    const file = readFileSync(path)
    if (typeof decodeHead(file, { ...model, part: 'frames' }) === 'string') return
    const chunks = joined(file)
    if (chunks === null) return
    const fd = openSync(part, 'w', PRIVATE_FILE)
    try {
      writeSync(fd, file, 0, HEAD_BYTES)
      for (const chunk of chunks) writeSync(fd, encodeChunk(chunk))
    } finally {
      closeSync(fd)
    }
    renameSync(part, path)
  } catch {
    removePart(part)
  }
}

function removePart(part: string): void {
  try {
    rmSync(part, { force: true })
  } catch {
    // A disk that cannot delete it reports the failure of the next write.
  }
}

function joined(file: Buffer): Chunk[] | null {
  const { chunks, damaged } = findChunks(file, HEAD_BYTES)
  if (damaged > 0 || chunks.length < 2) return null
  const all: Chunk[] = []
  let open: { signals: StoredSignal[]; firstRow: number; endRow: number } | null = null
  for (const head of chunks) {
    const from = head.position + CHUNK_HEAD_BYTES
    const signals = decodeChunk(file.subarray(from, from + head.bytes), head)
    if (signals === null) return null
    // A search finds the chunk of a row by these numbers, so that they must have no gap.
    if (open === null || open.signals.length >= SIGNALS || open.endRow !== head.firstRow) {
      open = { signals: [], firstRow: head.firstRow, endRow: head.endRow }
      all.push(open)
    }
    for (const signal of signals) open.signals.push(signal)
    open.endRow = head.endRow
  }
  return all
}
