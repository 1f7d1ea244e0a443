/** Exact search: the dot products of all stored vectors with one direction, and the best of them. Blocks its thread. */

import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { systemCodeOf } from '../util/errors.ts'
import { CHUNK_HEAD_BYTES, type ChunkHead, decodeChunk, findChunks } from './chunks.ts'
import { createDotKernel, type DotKernel } from './dotKernel.ts'
import type { HistoryHit, HistoryQuery } from './history.ts'
import { decodeHead, HEAD_BYTES } from './segmentHead.ts'
import { allSegments, modelFolder, type Segment, segmentPath } from './segments.ts'
import type { HistoryModel, StoredSignal } from './storedFrame.ts'
import { isWholeRow, paddedDim, rowBytes, rowTime } from './vectorRows.ts'

export interface SearchTask {
  readonly dataDir: string
  readonly model: HistoryModel
}

export interface Search {
  search(query: HistoryQuery): HistoryHit[]
}

interface Candidate {
  readonly segment: Segment
  readonly row: number
  readonly value: number
}

/** Hits whose frames cannot be found are left out: that many more are looked for. */
const SPARE = 16

export function createSearch({ dataDir, model }: SearchTask): Search {
  const kernel = createDotKernel(paddedDim(model.dim), rowBytes(model.dim))
  return {
    search: ({ direction, cameras, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, limit }) => {
      if (direction.length !== model.dim)
        throw new RangeError(`Expected a direction of ${model.dim} numbers, got ${direction.length}`)
      kernel.setDirection(direction)
      const best = createBest(limit + SPARE)
      const folder = modelFolder(model)
      for (const segment of allSegments(dataDir)) {
        if (segment.model !== folder || segment.start >= to || segment.end <= from) continue
        if (cameras === undefined || cameras.includes(segment.camera)) scan(segment, model, { kernel, best, from, to })
      }
      return resolve(best.sorted(), model).slice(0, limit)
    },
  }
}

interface Scan {
  readonly kernel: DotKernel
  readonly best: Best
  readonly from: number
  readonly to: number
}

function scan(segment: Segment, model: HistoryModel, { kernel, best, from, to }: Scan): void {
  const file = openPart(segment, model)
  if (file === null) return
  const { memory, rowsAt, capacity } = kernel
  const perRow = rowBytes(model.dim)
  try {
    for (let first = 0; ; first += capacity) {
      const bytes = readSync(file, memory, rowsAt, capacity * perRow, HEAD_BYTES + first * perRow)
      const count = Math.floor(bytes / perRow)
      if (count === 0) return
      const dots = kernel.dots(count)
      for (let i = 0; i < count; i++) {
        const value = dots[i] as number
        if (!(value > best.least())) continue
        const row = memory.subarray(rowsAt + i * perRow, rowsAt + (i + 1) * perRow)
        const at = segment.start + rowTime(row)
        // The last near copy of a row that is too old may be young enough: a span is an hour at most.
        if (at < from || at >= to || !isWholeRow(row)) continue
        best.add({ segment, row: first + i, value })
      }
      if (count < capacity) return
    }
  } finally {
    closeSync(file)
  }
}

/** @returns null when it was removed meanwhile, or is of another model or version */
function openPart(segment: Segment, model: HistoryModel): number | null {
  try {
    const file = openSync(segmentPath(segment, 'vectors'), 'r')
    const head = Buffer.alloc(HEAD_BYTES)
    const read = fstatSync(file).size >= HEAD_BYTES && readSync(file, head, 0, HEAD_BYTES, 0) === HEAD_BYTES
    if (read && typeof decodeHead(head, { ...model, part: 'vectors' }) !== 'string') return file
    closeSync(file)
    return null
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null
    throw error
  }
}

interface Best {
  /** A value that is not above it is not among the best. */
  least(): number
  add(candidate: Candidate): void
  /** Best first. */
  sorted(): readonly Candidate[]
}

function createBest(limit: number): Best {
  // Few of many are added once it is full, so that sorting in is cheap.
  const found: Candidate[] = []
  let least = Number.NEGATIVE_INFINITY
  return {
    least: () => least,
    add: candidate => {
      let [low, high] = [0, found.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if ((found[middle] as Candidate).value >= candidate.value) low = middle + 1
        else high = middle
      }
      found.splice(low, 0, candidate)
      if (found.length > limit) found.pop()
      if (found.length === limit) least = (found.at(-1) as Candidate).value
    },
    sorted: () => found,
  }
}

/** Finds out in which frame each row was first and last seen. */
function resolve(candidates: readonly Candidate[], model: HistoryModel): HistoryHit[] {
  const frames = new Map<string, SegmentFrames | null>()
  return candidates.flatMap(({ segment, row, value }) => {
    const path = segmentPath(segment, 'frames')
    if (!frames.has(path)) frames.set(path, openFrames(path, model))
    const seen = frames.get(path)?.find(row) ?? null
    return seen === null ? [] : [{ camera: segment.camera, value, ...seen }]
  })
}

type Seen = Pick<HistoryHit, 'at' | 'until' | 'view' | 'box'>

interface SegmentFrames {
  /** null when no whole chunk has the row. */
  find(row: number): Seen | null
}

function openFrames(path: string, model: HistoryModel): SegmentFrames | null {
  const file = readIfThere(path)
  if (file === null || typeof decodeHead(file, { ...model, part: 'frames' }) === 'string') return null
  const { chunks } = findChunks(file, HEAD_BYTES)
  const decoded = new Map<ChunkHead, readonly StoredSignal[]>()
  const signalsOf = (chunk: ChunkHead): readonly StoredSignal[] => {
    const from = chunk.position + CHUNK_HEAD_BYTES
    const known = decoded.get(chunk) ?? decodeChunk(file.subarray(from, from + chunk.bytes), chunk) ?? []
    decoded.set(chunk, known)
    return known
  }
  return {
    find: row => {
      const first = chunks.findIndex(({ firstRow, endRow }) => row >= firstRow && row < endRow)
      if (first < 0) return null
      let seen: Seen | null = null
      for (const chunk of chunks.slice(first)) {
        for (const signal of signalsOf(chunk)) {
          if (signal.kind === 'status') continue
          const view = signal.views.find(({ id, vector }) => (seen === null ? vector === row : id === seen.view))
          if (view?.vector === row)
            seen = { ...(seen ?? { at: signal.at, view: view.id, box: view.box }), until: signal.at }
          // The view has ended, or shows something else.
          else if (seen !== null) return seen
        }
      }
      return seen
    },
  }
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null
    throw error
  }
}
