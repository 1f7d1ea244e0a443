/** One file from a hub onto the disk: resumed where it was cut, whole and hashed before it gets its name. */

import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Response } from 'undici'
import { isThere } from '../onnx/read.ts'
import { messageOf, systemCodeOf, WatchwordError } from '../util/errors.ts'
import { makeFolder } from '../util/makeFolder.ts'
import { bodyStart } from './bodyStart.ts'
import type { Hub } from './hub.ts'

export interface DownloadRequest {
  readonly hub: Pick<Hub, 'get'>
  readonly url: string
  /** Where it goes; `<path>.part` holds what has come so far. */
  readonly path: string
  /** null: not known beforehand; then at most `mostBytes`. */
  readonly bytes: number | null
  /** Default 64 MB: files of unknown size are configurations and vocabularies. */
  readonly mostBytes?: number
  readonly sha256: string
  /** Told how many bytes are here so far. */
  readonly onProgress?: (bytes: number) => void
  /** Pause before try n, counted from 1 since the last byte came. Default: 0.5 s, doubling. */
  readonly retryDelayMs?: (attempt: number) => number
  /** A download that gets less than this is given up, whatever was tried again meanwhile. Default: 60 kB a minute. */
  readonly slowest?: Pace
}

export interface Pace {
  readonly bytes: number
  readonly everyMs: number
}

const MOST_BYTES = 64e6
const SLOWEST: Pace = { bytes: 60_000, everyMs: 60_000 }

/** Attempts without a single new byte before it gives up. */
const MAX_ATTEMPTS = 5
const defaultRetryDelayMs = (attempt: number) => 500 * 2 ** (attempt - 1)

/** What has come so far: the part file's length and the hash over it, always of the same bytes. */
interface Progress {
  hash: Hash
  bytes: number
}

/**
 * A file that is there already with the right hash is left alone.
 * @throws WatchwordError `download-interrupted` (run again: it goes on), `sha-mismatch`, `disk-full`, `unwritable`, and the hub's
 */
export async function download(request: DownloadRequest): Promise<void> {
  const { path, sha256, retryDelayMs = defaultRetryDelayMs } = request
  const part = `${path}.part`
  await makeFolder(dirname(path)).catch(error => Promise.reject(diskError(path, error)))
  if (isThere(path) && (await hashFile(path)).hash.digest('hex') === sha256) return
  const progress = await hashFile(part)
  const checkPace = createPaceCheck(request, progress)
  let furthest = progress.bytes
  for (let attempt = 1; !isComplete(request, progress); attempt++) {
    try {
      await fetchRest(request, part, { progress, checkPace })
      break
    } catch (error) {
      // New bytes renew its patience; the same ones again do not.
      if (progress.bytes > furthest) attempt = 1
      furthest = Math.max(furthest, progress.bytes)
      if (!mayTryAgain(error)) throw error
      if (attempt >= MAX_ATTEMPTS) throw interrupted(request, progress.bytes, error)
      await delay(retryDelayMs(attempt))
    }
  }
  const found = progress.hash.digest('hex')
  if (found !== sha256) {
    await rm(part)
    throw mismatch(request, found)
  }
  await rename(part, path)
}

function isComplete({ bytes }: DownloadRequest, progress: Progress): boolean {
  return bytes !== null && progress.bytes >= bytes
}

interface Attempt {
  readonly progress: Progress
  /** @throws WatchwordError `download-interrupted` */
  readonly checkPace: () => void
}

/** Over the whole download: a server that sends a byte now and then, or cuts after each, is not waited for. */
function createPaceCheck(request: DownloadRequest, progress: Progress): () => void {
  const { bytes, everyMs } = request.slowest ?? SLOWEST
  let from = { at: performance.now(), bytes: progress.bytes }
  return () => {
    const at = performance.now()
    if (at - from.at < everyMs) return
    const got = progress.bytes - Math.min(from.bytes, progress.bytes)
    if (got < bytes)
      throw interrupted(request, progress.bytes, `only ${got} bytes came in ${((at - from.at) / 1000).toFixed(0)} s`)
    from = { at, bytes: progress.bytes }
  }
}

async function fetchRest(request: DownloadRequest, part: string, { progress, checkPace }: Attempt): Promise<void> {
  const most = request.bytes ?? request.mostBytes ?? MOST_BYTES
  checkPace()
  const headers = progress.bytes > 0 ? { range: `bytes=${progress.bytes}-` } : {}
  const response = await request.hub.get(request.url, headers)
  const file = await open(part, 'a').catch(error => Promise.reject(diskError(part, error)))
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
      // Longer than it may be: its hash is wrong already.
      if (progress.bytes > most) return
      checkPace()
    }
  } finally {
    await file.close()
    if (response.body?.locked === false) await response.body.cancel()
  }
  if (request.bytes !== null && progress.bytes < request.bytes)
    throw new Error('the server sent less than the file has')
}

/**
 * A server without ranges sends the file from its beginning: what is here stays, so that the next cut loses nothing.
 * Where the answer does not continue what is here, the download starts again from 0.
 */
async function bytesToSkip(response: Response, request: DownloadRequest, { file, progress }: Begun): Promise<number> {
  const start = response.status === 416 ? null : bodyStart(response, request)
  if (start !== null && start <= progress.bytes) return progress.bytes - start
  await startOver(file, progress)
  throw new Error('what came before is no beginning of what the server has')
}

interface Begun {
  readonly file: FileHandle
  readonly progress: Progress
}

async function startOver(file: FileHandle, progress: Progress): Promise<void> {
  await file.truncate(0)
  progress.hash = createHash('sha256')
  progress.bytes = 0
}

async function append(file: FileHandle, bytes: Uint8Array, part: string): Promise<void> {
  try {
    await file.appendFile(bytes)
  } catch (error) {
    await rm(part, { force: true })
    throw diskError(part, error)
  }
}

async function hashFile(path: string): Promise<Progress> {
  const progress = { hash: createHash('sha256'), bytes: 0 }
  if (!isThere(path)) return progress
  for await (const chunk of createReadStream(path)) {
    progress.hash.update(chunk)
    progress.bytes += chunk.length
  }
  return progress
}

/** Retry on network errors and 5xx, not on 401, 403 and 404. */
function mayTryAgain(error: unknown): boolean {
  return !(error instanceof WatchwordError) || error.code === 'hub-failed'
}

function interrupted({ url, bytes }: DownloadRequest, here: number, error: unknown): WatchwordError {
  if (error instanceof WatchwordError) return error
  const all = bytes === null ? '' : ` of ${bytes}`
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return new WatchwordError(`The download of ${url} stopped after ${here}${all} bytes: ${messageOf(cause)}`, {
    code: 'download-interrupted',
    hint: 'Run the command again: it goes on from there',
    cause: error,
  })
}

function mismatch({ url, sha256 }: DownloadRequest, found: string): WatchwordError {
  return new WatchwordError(`Expected ${url} to have sha256 ${sha256}, got ${found}`, {
    code: 'sha-mismatch',
    hint: 'What came was thrown away. Try again; if it stays so, the mirror or proxy changes files',
    facts: { url, expected: sha256, found },
  })
}

function diskError(path: string, cause: unknown): WatchwordError {
  const code = systemCodeOf(cause)
  const full = code === 'ENOSPC' || code === 'EDQUOT'
  return new WatchwordError(
    full ? `The disk is full: ${path} was removed` : `Cannot write ${path}: ${messageOf(cause)}`,
    {
      code: full ? 'disk-full' : 'unwritable',
      hint: 'Set WATCHWORD_DATA to a directory with room that you may write',
      cause,
    },
  )
}
