/** The frames and statuses of one segment, in order, with their vectors. Memory is bounded by one chunk. */

import { type FileHandle, open, readFile } from 'node:fs/promises'
import type { EncodedFrame, EncodedView, PartialView, Signal } from '../types.ts'
import { systemCodeOf } from '../util/errors.ts'
import { CHUNK_HEAD_BYTES, decodeChunk, findChunks } from './chunks.ts'
import type { HistoryRange } from './history.ts'
import { decodeHead, HEAD_BYTES } from './segmentHead.ts'
import { type Segment, segmentPath } from './segments.ts'
import { type HistoryModel, NO_VECTOR, type StoredFrame, type StoredSignal, type StoredView } from './storedFrame.ts'
import { decodeRow, rowBytes } from './vectorRows.ts'

/** @param report is called with one line for what cannot be read */
export async function* readSegment(
  segment: Segment,
  model: HistoryModel,
  { from, to }: Pick<HistoryRange, 'from' | 'to'>,
  report: (line: string) => void,
): AsyncGenerator<Signal<EncodedFrame>> {
  const file = await readPart(segment, model, report)
  if (file === null) return
  const vectors = await openVectors(segment, model, report)
  if (vectors === null) return
  try {
    const { chunks, damaged } = findChunks(file, HEAD_BYTES)
    let lost = damaged > 0
    for (const head of chunks) {
      if (head.to < from || head.from >= to) continue
      const start = head.position + CHUNK_HEAD_BYTES
      const signals = decodeChunk(file.subarray(start, start + head.bytes), head)
      if (signals === null) {
        lost = true
        continue
      }
      const wanted = signals.filter(({ at }) => at >= from && at < to)
      await vectors.load(wanted)
      for (const signal of wanted) {
        const full =
          signal.kind === 'status' ? signal : encodedFrame(signal, { camera: segment.camera, ...model }, vectors)
        if (full === null) lost = true
        else yield full
      }
    }
    if (lost) report(`${segmentPath(segment, 'frames')} is damaged: what is damaged is left out`)
  } finally {
    await vectors.close()
  }
}

/** @returns null when it is missing or cannot be used */
async function readPart(segment: Segment, model: HistoryModel, report: (line: string) => void): Promise<Buffer | null> {
  const path = segmentPath(segment, 'frames')
  try {
    const file = await readFile(path)
    const head = decodeHead(file, { ...model, part: 'frames' })
    // A writer that was just killed, or is just beginning.
    if (file.length === 0) return null
    if (typeof head !== 'string') return file
    report(`${path} is left out: ${head}`)
    return null
  } catch (error) {
    // It was too old, and was removed meanwhile.
    if (systemCodeOf(error) === 'ENOENT') return null
    throw error
  }
}

interface Vectors {
  /** Reads what these signals refer to. */
  load(signals: readonly StoredSignal[]): Promise<void>
  /** null for a row that is damaged or missing */
  get(row: number): Float32Array | null
  close(): Promise<void>
}

async function openVectors(
  segment: Segment,
  model: HistoryModel,
  report: (line: string) => void,
): Promise<Vectors | null> {
  const path = segmentPath(segment, 'vectors')
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return null
    throw error
  })
  if (handle === null) return null
  const head = decodeHead(await readAt(handle, 0, HEAD_BYTES), { ...model, part: 'vectors' })
  if (typeof head === 'string') {
    await handle.close()
    report(`${path} is left out: ${head}`)
    return null
  }
  const perRow = rowBytes(model.dim)
  let loaded = new Map<number, Float32Array | null>()
  return {
    load: async signals => {
      const frames = signals.flatMap(signal => (signal.kind === 'frame' ? signal.views : []))
      const wanted = [...new Set(frames.map(({ vector }) => vector))]
        .filter(row => row !== NO_VECTOR)
        .sort((a, b) => a - b)
      const next = new Map<number, Float32Array | null>()
      for (const run of runs(wanted.filter(row => !loaded.has(row)))) {
        const bytes = await readAt(handle, HEAD_BYTES + run.from * perRow, run.count * perRow)
        for (let i = 0; i < run.count; i++) {
          const row = bytes.subarray(i * perRow, (i + 1) * perRow)
          next.set(run.from + i, row.length === perRow ? decodeRow(row, model.dim) : null)
        }
      }
      // The same array for all that refer to a row, also in the next chunk.
      for (const row of wanted) if (!next.has(row)) next.set(row, loaded.get(row) ?? null)
      loaded = next
    },
    get: row => loaded.get(row) ?? null,
    close: () => handle.close(),
  }
}

/** Neighbouring rows are read at once. */
function runs(rows: readonly number[]): { readonly from: number; count: number }[] {
  const found: { readonly from: number; count: number }[] = []
  for (const row of rows) {
    const last = found.at(-1)
    if (last !== undefined && last.from + last.count === row) last.count++
    else found.push({ from: row, count: 1 })
  }
  return found
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

/** @returns null when the vector of the whole image is missing */
function encodedFrame(
  { at, seq, size, problem, light, views }: StoredFrame,
  { camera, variant }: HistoryModel & { readonly camera: string },
  vectors: Vectors,
): EncodedFrame | null {
  const [whole, ...others] = views
  const embedding = whole === undefined ? null : vectors.get(whole.vector)
  if (whole === undefined || embedding === null) return null
  const parts = others.map(partialView)
  const frame = {
    kind: 'frame',
    camera,
    seq,
    capturedAt: at,
    pixels: new Uint8Array(),
    size,
    jpeg: null,
    detail: null,
    zoneImages: new Map(),
    problem,
    motion: whole.motion,
    settled: whole.settled,
    still: whole.still,
    light,
    views: parts,
  } as const
  const encoded = parts.flatMap((view, i): EncodedView[] => {
    const stored = others[i] as StoredView
    const vector = vectors.get(stored.vector)
    return vector === null ? [] : [{ view, embedding: vector, reused: stored.reused }]
  })
  return { kind: 'frame', frame, embedding, variant, reused: whole.reused, views: encoded }
}

function partialView({ id, kind, box, subject, zones, motion, settled, still }: StoredView): PartialView {
  if (kind === 'whole') throw new RangeError(`Expected a crop or zone, got ${id}`)
  return { id, kind, box, subject, zones, motion, settled, still, pixels: new Uint8Array() }
}
