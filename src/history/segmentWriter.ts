/** Appends to the files of one segment. After a kill it goes on behind the last whole record. Blocks its thread. */

import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs'
import { PRIVATE_FILE } from '../util/atomicWrite.ts'
import { findChunks } from './chunks.ts'
import { decodeHead, encodeHead, HEAD_BYTES, type SegmentHead, type SegmentPart } from './segmentHead.ts'
import { type Segment, segmentPath } from './segments.ts'
import { findThumbnails } from './thumbnailRecords.ts'
import { rowBytes } from './vectorRows.ts'

export interface SegmentWriter {
  readonly start: number
  /** Rows of the `vectors` file. */
  rows(): number
  /** Bytes of all files. */
  bytes(): number
  /**
   * Whole or not at all: what was half written is removed.
   * @throws the system's error
   */
  append(part: SegmentPart, bytes: Uint8Array): void
  /** Whether another program deleted or replaced a file, so that what is appended would be lost. */
  isReplaced(): boolean
  close(): void
}

interface OpenFile {
  readonly path: string
  readonly fd: number
  length: number
}

/**
 * @returns null when the files cannot be used: they are of another model or version, or damaged at the beginning
 * @throws the system's error
 */
export function openSegment(
  segment: Pick<Segment, 'folder' | 'start'>,
  head: Omit<SegmentHead, 'part'>,
): SegmentWriter | null {
  const files = new Map<SegmentPart, OpenFile>()
  const perRow = rowBytes(head.dim)
  const rows = () => ((files.get('vectors')?.length ?? HEAD_BYTES) - HEAD_BYTES) / perRow
  const close = () => {
    for (const { fd } of files.values()) closeSync(fd)
    files.clear()
  }
  const open = (part: SegmentPart): OpenFile | null => {
    const file = openPart(segmentPath(segment, part), { ...head, part })
    if (file !== null) files.set(part, file)
    return file
  }
  try {
    // Thumbnails may be off: their file is made with the first one.
    const isUsable = open('vectors') !== null && open('frames') !== null
    // After a power failure frames may refer to rows that never came to the disk: those must not get other vectors.
    if (!isUsable || rowsOfFrames(segmentPath(segment, 'frames')) > rows()) {
      close()
      return null
    }
  } catch (error) {
    close()
    throw error
  }
  return {
    start: segment.start,
    rows,
    bytes: () => [...files.values()].reduce((sum, { length }) => sum + length, 0),
    append: (part, bytes) => {
      const file = files.get(part) ?? open(part)
      if (file === null)
        throw new Error(`${segmentPath(segment, part)} cannot be used: it is of another model or damaged`)
      appendTo(file, bytes)
    },
    isReplaced: () => [...files.values()].some(isReplaced),
    close,
  }
}

/** @returns null when its head is not the expected one */
function openPart(path: string, head: SegmentHead): OpenFile | null {
  // Not for appending: what is half written is overwritten.
  const fd = openSync(path, fileExists(path) ? 'r+' : 'wx+', PRIVATE_FILE)
  try {
    const file = { path, fd, length: fstatSync(fd).size }
    if (file.length < HEAD_BYTES) {
      // A kill came between making the file and its head.
      file.length = 0
      ftruncateSync(fd, 0)
      appendTo(file, encodeHead(head))
      return file
    }
    const bytes = Buffer.alloc(HEAD_BYTES)
    readSync(fd, bytes, 0, HEAD_BYTES, 0)
    if (typeof decodeHead(bytes, head) === 'string') {
      closeSync(fd)
      return null
    }
    const whole = wholeLength(file, head)
    if (whole < file.length) ftruncateSync(fd, whole)
    file.length = whole
    return file
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function rowsOfFrames(path: string): number {
  return findChunks(readFileSync(path), HEAD_BYTES).chunks.at(-1)?.endRow ?? 0
}

function fileExists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

/** Without what a kill cut short. */
function wholeLength({ path, length }: OpenFile, { part, dim }: SegmentHead): number {
  if (part === 'frames') return findChunks(readFileSync(path), HEAD_BYTES).end
  if (part === 'thumbnails') return findThumbnails(readFileSync(path), HEAD_BYTES).end
  return length - ((length - HEAD_BYTES) % rowBytes(dim))
}

function appendTo(file: OpenFile, bytes: Uint8Array): void {
  let done = 0
  try {
    while (done < bytes.length) done += writeSync(file.fd, bytes, done, bytes.length - done, file.length + done)
    file.length += bytes.length
  } catch (error) {
    try {
      ftruncateSync(file.fd, file.length)
    } catch {
      // The next opening removes it.
    }
    throw error
  }
}

function isReplaced({ fd, path }: OpenFile): boolean {
  const [ours, there] = [fstatSync(fd), statSync(path, { throwIfNoEntry: false })]
  return there === undefined || there.ino !== ours.ino || there.dev !== ours.dev
}
