/** Appends what one camera showed: chooses the segment, numbers the vectors, packs the frames. Blocks its thread. */

import { chmodSync, mkdirSync } from 'node:fs'
import { PRIVATE_FOLDER } from '../util/atomicWrite.ts'
import { float32ToFloat16 } from '../util/float16.ts'
import { encodeChunk } from './chunks.ts'
import { compactSegment } from './compactSegment.ts'
import type { HistoryBatch } from './historyProtocol.ts'
import { modelFolder, segmentFolder, segmentsIn } from './segments.ts'
import { openSegment, type SegmentWriter } from './segmentWriter.ts'
import { type HistoryModel, NO_VECTOR, SAME_VECTOR, type StoredSignal, type StoredView } from './storedFrame.ts'
import { encodeThumbnail } from './thumbnailRecords.ts'
import { encodeRow } from './vectorRows.ts'

export interface AppenderOptions {
  readonly dataDir: string
  readonly model: HistoryModel
  readonly camera: string
  /** A segment covers this much time at most, and ends where a multiple of it begins; ms. */
  readonly segmentMs: number
  /** A larger segment is followed by a new one. */
  readonly segmentBytes: () => number
}

export interface CameraAppender {
  /** @returns number of vectors written @throws the system's error; nothing of the batch is read later then */
  append(batch: Pick<HistoryBatch, 'signals' | 'vectors'>): number
  /** @throws the system's error */
  appendThumbnail(at: number, view: string, jpeg: Uint8Array): void
  /** Start of the segment that is open; null when none is. */
  open(): number | null
  /** Ends the segment if it is of the past. */
  rest(now: number): void
  /** Whether files that were written to had been deleted or replaced by another program. New ones are made then. */
  wasReplaced(): boolean
  close(): void
}

export function createCameraAppender(options: AppenderOptions): CameraAppender {
  const { dataDir, model, camera, segmentMs, segmentBytes } = options
  const folder = segmentFolder(dataDir, camera, model)
  const latest = new Map<string, LatestVector>()
  let writer: SegmentWriter | null = null

  const close = () => {
    writer?.close()
    writer = null
    for (const known of latest.values()) known.row = null
  }
  const endSegment = () => {
    if (writer === null) return
    const { start } = writer
    close()
    compactSegment({ folder, start }, model)
  }
  const fits = (at: number): boolean =>
    writer !== null &&
    at >= writer.start &&
    at - writer.start < 2 ** 32 &&
    isSameSpan(writer.start, at, segmentMs) &&
    writer.bytes() < segmentBytes()
  const writerFor = (at: number): SegmentWriter => {
    if (writer !== null && fits(at)) return writer
    endSegment()
    writer = openFor(at)
    return writer
  }
  /** The newest segment goes on after a restart, where the time fits. */
  const openFor = (at: number): SegmentWriter => {
    makePrivate(folder)
    const head = { camera, ...model }
    const newest = segmentsIn(folder, camera, modelFolder(model)).at(-1)
    if (newest !== undefined && newest.start <= at && isSameSpan(newest.start, at, segmentMs)) {
      const found = openSegment(newest, { ...head, start: newest.start })
      if (found !== null && found.bytes() < segmentBytes()) return found
      found?.close()
    }
    // The run before may have ended without it.
    if (newest !== undefined) compactSegment(newest, model)
    for (let start = Math.floor(at); ; start++) {
      if (segmentsIn(folder, camera, modelFolder(model)).some(segment => segment.start === start)) continue
      const made = openSegment({ folder, start }, { ...head, start })
      if (made !== null) return made
    }
  }
  const appendPart = (signals: readonly StoredSignal[], vectors: Float32Array): number => {
    const into = writerFor(Math.min(...signals.map(({ at }) => at)))
    const firstRow = into.rows()
    const numbered = numberVectors(signals, { vectors, dim: model.dim, firstRow, start: into.start, latest })
    into.append('vectors', Buffer.concat(numbered.rows))
    into.append('frames', encodeChunk({ signals: numbered.signals, firstRow, endRow: into.rows() }))
    return numbered.rows.length
  }
  return {
    append: ({ signals, vectors }) => {
      try {
        return bySpan(signals, segmentMs).reduce((sum, part) => sum + appendPart(part, vectors), 0)
      } catch (error) {
        close()
        throw error
      }
    },
    appendThumbnail: (at, view, jpeg) => writer?.append('thumbnails', encodeThumbnail(at, view, jpeg)),
    open: () => writer?.start ?? null,
    rest: now => {
      if (writer !== null && now >= writer.start && !isSameSpan(writer.start, now, segmentMs)) endSegment()
    },
    wasReplaced: () => {
      if (writer === null || !writer.isReplaced()) return false
      close()
      return true
    },
    close,
  }
}

interface LatestVector {
  readonly half: Uint16Array
  /** In the open segment; null when it has none of it. */
  row: number | null
}

interface Numbering {
  readonly vectors: Float32Array
  readonly dim: number
  readonly firstRow: number
  /** Of the segment, ms. */
  readonly start: number
  /** View id → its newest vector. */
  readonly latest: Map<string, LatestVector>
}

/** Gives each view the row of its vector, and returns the new rows. */
function numberVectors(signals: readonly StoredSignal[], numbering: Numbering) {
  const { vectors, dim, firstRow, start, latest } = numbering
  const rows: Uint8Array[] = []
  const rowOf = ({ id, vector }: StoredView, at: number): number => {
    if (vector === NO_VECTOR) return NO_VECTOR
    const own = vector === SAME_VECTOR ? null : float32ToFloat16(vectors.subarray(vector * dim, (vector + 1) * dim))
    const known = own === null ? latest.get(id) : { half: own, row: null }
    if (known === undefined) return NO_VECTOR
    if (known.row === null) {
      known.row = firstRow + rows.length
      rows.push(encodeRow(known.half, Math.max(0, Math.floor(at - start))))
    }
    latest.set(id, known)
    return known.row
  }
  const numbered = signals.map((signal): StoredSignal => {
    if (signal.kind === 'status') return signal
    const views = signal.views.map(view => ({ ...view, vector: rowOf(view, signal.at) }))
    // Views that have ended are forgotten.
    for (const id of latest.keys()) if (!signal.views.some(view => view.id === id)) latest.delete(id)
    return { ...signal, views }
  })
  return { signals: numbered, rows }
}

function isSameSpan(a: number, b: number, segmentMs: number): boolean {
  return Math.floor(a / segmentMs) === Math.floor(b / segmentMs)
}

/** Parts of one span each, in order. */
function bySpan(signals: readonly StoredSignal[], segmentMs: number): StoredSignal[][] {
  const parts: StoredSignal[][] = []
  for (const signal of signals) {
    const part = parts.at(-1)
    if (part?.[0] !== undefined && isSameSpan(part[0].at, signal.at, segmentMs)) part.push(signal)
    else parts.push([signal])
  }
  return parts
}

function makePrivate(folder: string): void {
  // The path is our own, below the data directory: none of the file systems on which `recursive` never ends.
  const first = mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER })
  if (first !== undefined) chmodSync(folder, PRIVATE_FOLDER)
}
