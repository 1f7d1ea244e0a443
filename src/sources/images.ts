/** Reads the images of a folder or glob in the order of their names. A broken image is logged, skipped and counted. */

import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { Observable } from 'rxjs'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { matchesGlob } from '../util/matchesGlob.ts'
import { abortableIterable, fromIterable } from './abortableIterable.ts'
import type { DecodedImage, SourceDeps } from './decodedImage.ts'
import { causeIn } from './ffmpeg/causeIn.ts'
import { type Decoded, decode } from './ffmpeg/decode.ts'
import type { Fit } from './ffmpeg/filterGraph.ts'
import type { Snapshot } from './ffmpeg/flags.ts'
import { type ImageParts, imageParts } from './imageParts.ts'
import { demuxerFor, readHead, unreadableContent } from './readHead.ts'
import { SourceError } from './sourceErrors.ts'

export interface ImagesOptions extends Partial<ImageParts> {
  /** For telemetry. */
  readonly camera: string
  /** A folder, or a path whose last part holds `*` or `?`. */
  readonly path: string
  /** Images a second, which sets their times; above 0. */
  readonly fps: number
  /** Side of the square in pixels. */
  readonly size: number
  readonly fit: Fit
  readonly snapshot: Snapshot | null
  /** Time of the first image, ms since the epoch. Default 0. */
  readonly startAt?: number
}

const IMAGE_ENDINGS = new Set(['.jpg', '.jpeg', '.png', '.webp', '.bmp', '.gif', '.tif', '.tiff'])

/**
 * A broken image keeps its place in time, so that the times of the others do not depend on it.
 * @throws SourceError `images-not-found`, `images-all-corrupt`
 */
export function readImages(options: ImagesOptions, deps: SourceDeps): AsyncIterable<DecodedImage> {
  return abortableIterable(async function* (signal) {
    const { camera, fps, startAt = 0 } = options
    const paths = await listImages(options.path)
    let good = 0
    for (const [i, path] of paths.entries()) {
      const capturedAt = startAt + Math.round((i * 1000) / fps)
      const found = await readOne(path, options, { deps, signal })
      if (signal.aborted) return
      if (typeof found === 'string') {
        // Received as well: a good one is counted when it arrives.
        deps.telemetry.emit({ type: 'FrameReceived', camera, capturedAt })
        deps.telemetry.emit({ type: 'DecodeErrors', camera, count: 1, last: `${path} skipped: ${found}` })
        deps.telemetry.emit({ type: 'FramesDropped', camera, reason: 'corrupt', count: 1 })
        continue
      }
      good++
      yield { ...found, capturedAt }
    }
    if (good === 0) {
      throw new SourceError(`Cannot read any of the ${paths.length} images of ${options.path}`, {
        reason: 'invalid-data',
        code: 'images-all-corrupt',
      })
    }
  })
}

/** One attempt that completes after the last image, for `supervise`. */
export function images(options: ImagesOptions, deps: SourceDeps): Observable<DecodedImage> {
  return fromIterable(readImages(options, deps))
}

/** Absolute paths, sorted by name with numbers as numbers: `9.png` before `10.png`. */
export async function listImages(path: string): Promise<string[]> {
  const isGlob = /[*?]/.test(basename(path))
  const folder = resolve(isGlob ? dirname(path) : path)
  const pattern = isGlob ? basename(path) : null
  const names = await readNames(folder)
  const wanted = names.filter(
    name => IMAGE_ENDINGS.has(extname(name).toLowerCase()) && (pattern === null || matchesGlob(pattern, name)),
  )
  if (wanted.length === 0) {
    throw new SourceError(`No images in ${path}`, {
      reason: 'not-found',
      code: 'images-not-found',
      hint: `Looked for ${pattern ? 'matching names that end in ' : ''}${[...IMAGE_ENDINGS].join(', ')}.`,
    })
  }
  const order = new Intl.Collator('en', { numeric: true })
  return wanted.sort((a, b) => order.compare(a, b) || (a < b ? -1 : 1)).map(name => join(folder, name))
}

async function readNames(folder: string): Promise<string[]> {
  try {
    if (!(await stat(folder)).isDirectory())
      throw new WatchwordError('it is not a folder', { code: 'images-not-found' })
    return await readdir(folder)
  } catch (error) {
    throw new SourceError(`Cannot read the image folder ${folder}: ${messageOf(error)}`, {
      reason: 'not-found',
      code: 'images-not-found',
      cause: error,
    })
  }
}

/** One ffmpeg per image, because sizes and formats may differ. @returns the error's text for a broken image */
async function readOne(
  path: string,
  options: ImagesOptions,
  { deps, signal }: { deps: SourceDeps; signal: AbortSignal },
): Promise<Omit<DecodedImage, 'capturedAt'> | string> {
  const { size, fit, snapshot } = options
  const input = { kind: 'file', path, realtime: false, loop: false, demuxer: await demuxerFor(path) } as const
  const once = { sampling: 'all', keyframesOnly: false, times: false, maxFrames: 1, hwaccel: null } as const
  let fault: string | null = null
  let found: Omit<DecodedImage, 'capturedAt'> | null = null
  // Read to its end, which shows whether it was whole: half a JPEG decodes, with an error.
  const onEnd = ({ lastLines }: Decoded) => {
    fault = causeIn(lastLines, path) ?? null
  }
  const run = decode(
    { ...once, input, size, fit, snapshot, ...imageParts(options) },
    { ffmpeg: deps.ffmpeg, redact: deps.redact, onDecodeErrors: () => {}, onEnd },
    signal,
  )
  for await (const { timeMs: _, ...image } of run) found = { size, ...image }
  if (fault === null && found !== null) return found
  return unreadableContent(await readHead(path)) ?? fault ?? 'it has no image'
}
