/** Where history lies: `history/<camera>/<model>.<variant>/<start>.{frames,vectors,thumbnails}` in the data directory. */

import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PART_SUFFIX } from '../util/atomicWrite.ts'
import { systemCodeOf } from '../util/errors.ts'
import type { SegmentPart } from './segmentHead.ts'
import type { HistoryModel } from './storedFrame.ts'

export interface Segment {
  readonly camera: string
  /** Name of the folder of its model and variant. */
  readonly model: string
  readonly folder: string
  /** ms since the epoch, from the file's name. */
  readonly start: number
  /** No signal is newer, but for clocks that were set back: the start of the next segment. Infinity for the newest. */
  readonly end: number
}

const PARTS: readonly SegmentPart[] = ['frames', 'vectors', 'thumbnails']
const NAME = /^(\d{1,16})\.(frames|vectors|thumbnails)$/
/** Hex digits of the model's hash in a folder name. */
const HASH_DIGITS = 12

export function historyFolder(dataDir: string): string {
  return join(dataDir, 'history')
}

export function modelFolder({ sha256, variant }: HistoryModel): string {
  return `${sha256.slice(0, HASH_DIGITS)}.${variant}`
}

export function segmentFolder(dataDir: string, camera: string, model: HistoryModel): string {
  return join(historyFolder(dataDir), camera, modelFolder(model))
}

export function segmentPath({ folder, start }: Pick<Segment, 'folder' | 'start'>, part: SegmentPart): string {
  return join(folder, `${start}.${part}`)
}

export function segmentPaths(segment: Pick<Segment, 'folder' | 'start'>): string[] {
  // A kill may have left a part.
  return [...PARTS.map(part => segmentPath(segment, part)), `${segmentPath(segment, 'frames')}${PART_SUFFIX}`]
}

/** Oldest first. */
export function segmentsIn(folder: string, camera: string, model: string): Segment[] {
  const starts = entries(folder).flatMap(({ name }) => NAME.exec(name)?.[1] ?? [])
  const sorted = [...new Set(starts)].map(Number).sort((a, b) => a - b)
  return sorted.map((start, i) => ({ camera, model, folder, start, end: sorted[i + 1] ?? Number.POSITIVE_INFINITY }))
}

/** Of every camera and model. */
export function allSegments(dataDir: string): Segment[] {
  const root = historyFolder(dataDir)
  return folders(root).flatMap(camera =>
    folders(join(root, camera)).flatMap(model => segmentsIn(join(root, camera, model), camera, model)),
  )
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

export function folders(path: string): string[] {
  return entries(path)
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

function entries(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}
