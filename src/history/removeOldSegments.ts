/** Deletes the oldest history: what is above the age, and what is above the bytes. Blocks its thread. */

import { rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { allSegments, type Segment, segmentPath, segmentPaths, sizeOf } from './segments.ts'

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

/** Thumbnails may take this part of the bytes: a day of vectors is worth more than its pictures. */
const THUMBNAIL_PART = 0.5

interface Sized {
  readonly segment: Segment
  readonly bytes: number
  readonly thumbnails: number
}

/** @returns bytes of what is left @throws the system's error */
export function removeOldSegments({ dataDir, oldestAt, maxBytes, segmentMs, isOpen }: Retention): number {
  const all = allSegments(dataDir).map(sized)
  const closed = all.filter(({ segment }) => !isOpen(segment)).sort((a, b) => a.segment.start - b.segment.start)
  const isTooOld = ({ segment }: Sized) => Math.min(segment.end, segment.start + segmentMs) < oldestAt
  const kept = closed.filter(each => !isTooOld(each))
  for (const { segment } of closed.filter(isTooOld)) removeSegment(segment)

  const open = all.filter(({ segment }) => isOpen(segment))
  let thumbnails = total([...open, ...kept], 'thumbnails')
  let bytes = total([...open, ...kept], 'bytes')
  const bare = kept.map(each => {
    if (bytes <= maxBytes || thumbnails <= THUMBNAIL_PART * maxBytes) return each
    rmSync(segmentPath(each.segment, 'thumbnails'), { force: true })
    bytes -= each.thumbnails
    thumbnails -= each.thumbnails
    return { ...each, bytes: each.bytes - each.thumbnails }
  })
  for (const each of bare) {
    if (bytes <= maxBytes) break
    removeSegment(each.segment)
    bytes -= each.bytes
  }
  return bytes
}

function sized(segment: Segment): Sized {
  const bytes = segmentPaths(segment).reduce((sum, path) => sum + sizeOf(path), 0)
  return { segment, bytes, thumbnails: sizeOf(segmentPath(segment, 'thumbnails')) }
}

function total(all: readonly Sized[], key: 'bytes' | 'thumbnails'): number {
  return all.reduce((sum, each) => sum + each[key], 0)
}

function removeSegment(segment: Segment): void {
  // Thumbnails first: what remains after a kill is still a segment.
  for (const path of segmentPaths(segment).reverse()) rmSync(path, { force: true })
  for (const folder of [segment.folder, dirname(segment.folder)]) removeEmpty(folder)
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // It has other files.
  }
}
