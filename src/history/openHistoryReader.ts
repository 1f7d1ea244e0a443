/** Reads the history of a data directory, also while another process writes it. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from '../util/errors.ts'
import { findChunks } from './chunks.ts'
import type { CameraHistory, HistoryReader } from './history.ts'
import { readSegment } from './readSegment.ts'
import { createSearchThread } from './searchThread.ts'
import { decodeHead, HEAD_BYTES } from './segmentHead.ts'
import {
  folders,
  historyFolder,
  modelFolder,
  type Segment,
  segmentFolder,
  segmentPath,
  segmentPaths,
  segmentsIn,
  sizeOf,
} from './segments.ts'
import type { HistoryModel } from './storedFrame.ts'
import { findThumbnails } from './thumbnailRecords.ts'
import { rowBytes } from './vectorRows.ts'

export interface HistoryReaderOptions {
  readonly dataDir: string
  readonly model: HistoryModel
  /** Is called with one line for what is there and cannot be read. Default: nothing is said. */
  readonly report?: (line: string) => void
}

/** A thumbnail that is older than this shows something else. A view that does not change gets one every hour. */
const OLDEST_THUMBNAIL_MS = 2 * 3_600_000

export function openHistoryReader({ dataDir, model, report = () => {} }: HistoryReaderOptions): HistoryReader {
  const said = new Set<string>()
  const reportOnce = (line: string) => {
    if (said.has(line)) return
    said.add(line)
    report(line)
  }
  const search = createSearchThread({ dataDir, model })
  const segmentsOf = (camera: string) => segmentsIn(segmentFolder(dataDir, camera, model), camera, modelFolder(model))
  return {
    cameras: async () => {
      const found: CameraHistory[] = []
      for (const camera of folders(historyFolder(dataDir))) {
        const others = folders(join(historyFolder(dataDir), camera)).filter(name => name !== modelFolder(model))
        if (others.length > 0)
          reportOnce(`history of ${camera} under another model or variant is left out: ${others.join(', ')}`)
        const history = await describe(camera, segmentsOf(camera), model)
        if (history !== null) found.push(history)
      }
      return found
    },
    read: async function* (range) {
      for (const segment of segmentsOf(range.camera)) {
        if (segment.end <= range.from || segment.start >= range.to) continue
        yield* readSegment(segment, model, range, reportOnce)
      }
    },
    search: query => search.search(query),
    thumbnail: async (camera, at, view) => {
      for (const segment of segmentsOf(camera).reverse()) {
        if (segment.start > at || segment.end <= at - OLDEST_THUMBNAIL_MS) continue
        const found = await newestThumbnail(segment, { model, at, view })
        if (found !== null) return found
      }
      return null
    },
    close: () => search.close(),
  }
}

/** @returns null when nothing is stored */
async function describe(
  camera: string,
  segments: readonly Segment[],
  model: HistoryModel,
): Promise<CameraHistory | null> {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let [frames, vectors, bytes] = [0, 0, 0]
  for (const segment of segments) {
    const file = await readIfThere(segmentPath(segment, 'frames'))
    if (file === null || typeof decodeHead(file, { ...model, part: 'frames' }) === 'string') continue
    for (const chunk of findChunks(file, HEAD_BYTES).chunks) {
      from = Math.min(from, chunk.from)
      to = Math.max(to, chunk.to)
      frames += chunk.frames
    }
    const rows = sizeOf(segmentPath(segment, 'vectors')) - HEAD_BYTES
    vectors += Math.max(0, Math.floor(rows / rowBytes(model.dim)))
    bytes += segmentPaths(segment).reduce((sum, path) => sum + sizeOf(path), 0)
  }
  return from <= to ? { camera, from, to, frames, vectors, bytes } : null
}

async function newestThumbnail(
  segment: Segment,
  { model, at, view }: { readonly model: HistoryModel; readonly at: number; readonly view: string },
): Promise<Uint8Array | null> {
  const file = await readIfThere(segmentPath(segment, 'thumbnails'))
  if (file === null || typeof decodeHead(file, { ...model, part: 'thumbnails' }) === 'string') return null
  const { found } = findThumbnails(file, HEAD_BYTES)
  const oldest = at - OLDEST_THUMBNAIL_MS
  const newest = found.findLast(each => each.view === view && each.at <= at && each.at >= oldest)
  return newest === undefined ? null : new Uint8Array(file.subarray(newest.position, newest.position + newest.bytes))
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null
    throw error
  }
}
