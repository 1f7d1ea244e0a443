/** Deletes the oldest segments: those above the age, and those above the bytes. Blocks its thread. */

import { rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { allSegments, type Segment, segmentPaths, sizeOf } from './segments.ts'

export interface Retention {
  readonly dataDir: string
  /** Segments that ended before are removed, ms since the epoch; −Infinity: none for its age. */
  readonly oldestAt: number
  /** Of all cameras and models together. */
  readonly maxBytes: number
  /** A segment covers this much time at most, ms. */
  readonly segmentMs: number
  /** Segments that are being written stay. */
  readonly isOpen: (segment: Segment) => boolean
}

/** @returns bytes of what is left @throws the system's error */
export function removeOldSegments({ dataDir, oldestAt, maxBytes, segmentMs, isOpen }: Retention): number {
  const sized = allSegments(dataDir).map(segment => ({
    segment,
    bytes: segmentPaths(segment).reduce((sum, path) => sum + sizeOf(path), 0),
  }))
  let bytes = sized.reduce((sum, each) => sum + each.bytes, 0)
  const oldestFirst = sized.filter(({ segment }) => !isOpen(segment)).sort((a, b) => a.segment.start - b.segment.start)
  for (const { segment, bytes: own } of oldestFirst) {
    const endsAt = Math.min(segment.end, segment.start + segmentMs)
    if (endsAt >= oldestAt && bytes <= maxBytes) continue
    // Thumbnails first: a segment without frames is none.
    for (const path of segmentPaths(segment).reverse()) rmSync(path, { force: true })
    bytes -= own
    for (const folder of [segment.folder, dirname(segment.folder)]) removeEmpty(folder)
  }
  return bytes
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // It has other files.
  }
}
