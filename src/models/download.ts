/** Downloads one file: resumes interrupted downloads, and verifies the hash before the file gets its final name. */

import type { Hash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Response } from 'undici'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { makeFolder } from '../util/makeFolder.ts'
import { fileSize, isThere } from '../util/readFile.ts'
import { writeError } from '../util/writeError.ts'
import { contentRangeStart } from './contentRangeStart.ts'
import { type Digest, startHash } from './digest.ts'
import type { Hub } from './openHub.ts'
import { type RetryDelay, retryRequest } from './retryRequest.ts'

export interface DownloadRequest {
  readonly hub: Pick<Hub, 'get'>
  readonly url: string
  /** Destination; `<path>.part` holds the bytes received so far. */
  readonly path: string
  /** null: the size is not known in advance; then at most `mostBytes`. */
  readonly bytes: number | null
  /** Default 64 MB: files of unknown size are configurations and vocabularies. */
  readonly mostBytes?: number
  /** A `git-blob` needs `bytes`. */
  readonly digest: Digest
  /** Called with the number of bytes received so far. */
  readonly onProgress?: (bytes: number) => void
  readonly retryDelayMs?: RetryDelay
  /** A download slower than this fails, retries included, but not waits that the hub asked for. Default: 60 kB a minute. */
  readonly slowest?: Pace
}

export interface Pace {
  readonly bytes: number
  readonly everyMs: number
}

const MOST_BYTES = 64e6
const SLOWEST: Pace = { bytes: 60_000, everyMs: 60_000 }

/** Length of the part file and the hash of exactly these bytes. */
interface Progress {
  hash: Hash
  bytes: number
}

/**
 * A file that already exists with the right hash is kept.
 * @throws WatchwordError `download-interrupted` (run again to resume), `sha-mismatch`, `disk-full`, `unwritable`, and the hub's
 */
export async function download(request: DownloadRequest): Promise<void> {
  const { path, digest, retryDelayMs } = request
  const part = `${path}.part`
  await makeFolder(dirname(path)).catch(error => Promise.reject(diskError(error, path)))
  if (await isDone(request)) return
  const progress = await hashFile(part, request)
  const pace = createPace(request, progress)
  let furthest = progress.bytes
  const rest = async () => {
    if (!isComplete(request, progress)) await fetchRest(request, part, { progress, checkPace: pace.check })
  }
  await retryRequest(rest, {
    retryDelayMs,
    // The same bytes again are no progress.
    hasProgress() {
      const hasNew = progress.bytes > furthest
      furthest = Math.max(furthest, progress.bytes)
      return hasNew
    },
    onWaited: pace.leaveOut,
    failure: error => interrupted(request, progress.bytes, error),
  })
  const found = progress.hash.digest('hex')
  const isPointer = isLfsPointer(part)
  if (found !== digest.hex || isPointer) {
    await rm(part)
    throw isTooLong(request, progress) ? unknownSize(request) : mismatch(request, found, isPointer)
  }
  await rename(part, path)
}

async function isDone(request: DownloadRequest): Promise<boolean> {
  const { path, digest } = request
  if (!isThere(path) || isLfsPointer(path)) return false
  return (await hashFile(path, request)).hash.digest('hex') === digest.hex
}

function isComplete({ bytes }: DownloadRequest, progress: Progress): boolean {
  return bytes !== null && progress.bytes >= bytes
}

interface Attempt {
  readonly progress: Progress
  /** @throws WatchwordError `download-interrupted` */
  readonly checkPace: () => void
}

interface PaceCheck {
  /** @throws WatchwordError `download-interrupted` */
  check(): void
  /** Time that does not count. */
  leaveOut(ms: number): void
}

/** Over the whole download: a server that sends a byte now and then, or cuts after each, is not waited for. */
function createPace(request: DownloadRequest, progress: Progress): PaceCheck {
  const { bytes, everyMs } = request.slowest ?? SLOWEST
  let from = { at: performance.now(), bytes: progress.bytes }
  return {
    check() {
      const at = performance.now()
      if (at - from.at < everyMs) return
      const got = progress.bytes - Math.min(from.bytes, progress.bytes)
      if (got < bytes)
        throw interrupted(request, progress.bytes, `only ${got} bytes came in ${((at - from.at) / 1000).toFixed(0)} s`)
      from = { at, bytes: progress.bytes }
    },
    leaveOut(ms) {
      from = { ...from, at: from.at + ms }
    },
  }
}

async function fetchRest(request: DownloadRequest, part: string, { progress, checkPace }: Attempt): Promise<void> {
  checkPace()
  const headers = progress.bytes > 0 ? { range: `bytes=${progress.bytes}-` } : {}
  const response = await request.hub.get(request.url, headers)
  const file = await open(part, 'a').catch(error => Promise.reject(diskError(error, part)))
  try {
    let known = await bytesToSkip(response, request, { file, progress })
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      const fresh = chunk.subarray(known)
      known -= chunk.length - fresh.length
      if (fresh.length === 0) continue
      await append(file, fresh, part)
      progress.hash.update(fresh)
      progress.bytes += fresh.length
      request.onProgress?.(progress.bytes)
      // Longer than expected: the hash cannot match.
      if (progress.bytes > mostBytesOf(request)) return
      checkPace()
    }
  } finally {
    await file.close()
    if (response.body?.locked === false) await response.body.cancel()
  }
  if (request.bytes !== null && progress.bytes < request.bytes)
    throw new Error('the server closed the connection before the end of the file')
}

/**
 * A server without range support sends the file from its start: the bytes that are already on disk are skipped, so that
 * another interruption loses nothing. When the answer does not continue the part file, the download restarts at 0.
 */
async function bytesToSkip(
  response: Response,
  request: DownloadRequest,
  { file, progress }: PartFile,
): Promise<number> {
  const start = response.status === 416 ? null : contentRangeStart(response, request)
  if (start !== null && start <= progress.bytes) return progress.bytes - start
  await startOver(file, progress, request)
  throw new Error('the bytes on disk do not belong to the file on the server')
}

interface PartFile {
  readonly file: FileHandle
  readonly progress: Progress
}

async function startOver(file: FileHandle, progress: Progress, request: DownloadRequest): Promise<void> {
  await file.truncate(0)
  progress.hash = startHash(request.digest, request.bytes)
  progress.bytes = 0
}

async function append(file: FileHandle, bytes: Uint8Array, part: string): Promise<void> {
  try {
    await file.appendFile(bytes)
  } catch (error) {
    await rm(part, { force: true })
    throw diskError(error, part)
  }
}

async function hashFile(path: string, { digest, bytes }: DownloadRequest): Promise<Progress> {
  const progress = { hash: startHash(digest, bytes), bytes: 0 }
  if (!isThere(path)) return progress
  for await (const chunk of createReadStream(path)) {
    progress.hash.update(chunk)
    progress.bytes += chunk.length
  }
  return progress
}

function mostBytesOf({ bytes, mostBytes = MOST_BYTES }: DownloadRequest): number {
  return bytes ?? mostBytes
}

/** Only part of such a file was received: its hash says nothing. */
function isTooLong(request: DownloadRequest, progress: Progress): boolean {
  return request.bytes === null && progress.bytes > mostBytesOf(request)
}

function unknownSize(request: DownloadRequest): WatchwordError {
  const most = `${(mostBytesOf(request) / 1e6).toFixed(0)} MB`
  return new WatchwordError(`The size of ${request.url} is not published, and more than ${most} were sent`, {
    code: 'sha-mismatch',
    hint: 'A mirror or proxy sends another file: choose another mirror with HF_ENDPOINT',
  })
}

function interrupted({ url, bytes }: DownloadRequest, here: number, error: unknown): WatchwordError {
  if (error instanceof WatchwordError) return error
  const all = bytes === null ? '' : ` of ${bytes}`
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return new WatchwordError(`The download of ${url} stopped after ${here}${all} bytes: ${messageOf(cause)}`, {
    code: 'download-interrupted',
    hint: 'Run the command again to resume it',
    cause: error,
  })
}

/** What Git shows instead of a large file where Git LFS is not installed. */
function isLfsPointer(path: string): boolean {
  return fileSize(path) < 1000 && readFileSync(path, 'utf8').startsWith('version https://git-lfs.github.com/spec/')
}

function mismatch({ url, digest }: DownloadRequest, found: string, isPointer: boolean): WatchwordError {
  const kind = digest.kind === 'sha256' ? 'sha256' : 'the Git hash'
  const what = isPointer ? 'a Git LFS pointer instead of the file' : found
  return new WatchwordError(`Expected ${url} to have ${kind} ${digest.hex}, got ${what}`, {
    code: 'sha-mismatch',
    hint: isPointer
      ? 'This mirror does not have the large files: choose another one with HF_ENDPOINT'
      : 'The file was removed. Try again; if it happens again, a mirror or proxy changes files',
    facts: { url, expected: digest.hex, found },
  })
}

function diskError(error: unknown, path: string): unknown {
  return writeError(error, path, 'Set WATCHWORD_DATA to a writable directory with enough space')
}
