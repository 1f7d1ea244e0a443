/** Reads files: ranges, hashes, JSON. A missing or damaged file throws one clear error. */

import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { messageOf, systemCodeOf, WatchwordError } from './errors.ts'

const CHUNK_BYTES = 2 ** 24

/** Bytes [offset, offset + length) of a file. @throws WatchwordError `file-unreadable`, `file-truncated` */
export function readRange(path: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
  let done = 0
  const bytes = new Uint8Array(length)
  try {
    const file = openSync(path, 'r')
    try {
      while (done < length) {
        const count = readSync(file, bytes, done, length - done, offset + done)
        if (count === 0) break
        done += count
      }
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    throw unreadable(path, cause)
  }
  if (done === length) return bytes
  throw new WatchwordError(`${path} is truncated: expected at least ${offset + length} bytes, got ${offset + done}`, {
    code: 'file-truncated',
  })
}

/** Size in bytes. @throws WatchwordError `file-unreadable` */
export function fileSize(path: string): number {
  try {
    return statSync(path).size
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/** Size and sha256 (hex) of files, one after another. @throws WatchwordError `file-unreadable` */
export function hashFiles(paths: readonly string[]): { readonly bytes: number; readonly sha256: string } {
  const hash = createHash('sha256')
  let bytes = 0
  for (const path of paths) {
    const size = fileSize(path)
    for (let offset = 0; offset < size; offset += CHUNK_BYTES) {
      hash.update(readRange(path, offset, Math.min(CHUNK_BYTES, size - offset)))
    }
    bytes += size
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** @throws WatchwordError `file-unreadable` */
export async function readWhole(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return (await readFile(path)) as Uint8Array<ArrayBuffer>
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/** @throws WatchwordError `file-unreadable`, `json-invalid` */
export async function readJson(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readWhole(path))
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new WatchwordError(`Expected JSON in ${path}: ${messageOf(cause)}`, { code: 'json-invalid', cause })
  }
}

/** As `readJson`; null when there is no such file. */
export async function readJsonIfThere(path: string): Promise<unknown> {
  return isThere(path) ? readJson(path) : null
}

export function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

function unreadable(path: string, cause: unknown): WatchwordError {
  const why = systemCodeOf(cause) === 'ENOENT' ? 'no such file' : messageOf(cause)
  return new WatchwordError(`Cannot read ${path}: ${why}`, { code: 'file-unreadable', cause })
}
