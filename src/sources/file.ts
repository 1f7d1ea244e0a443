/** Reads a video file of any format that ffmpeg knows: every wanted frame with its own time. ffmpeg waits for the reader. */

import { access, constants, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Observable } from 'rxjs'
import type { Frame, ImageProblem, Signal } from '../types.ts'
import type { ErrorCode } from '../util/errorCodes.ts'
import { messageOf, systemCodeOf } from '../util/errors.ts'
import { abortableIterable, fromIterable } from './abortableIterable.ts'
import type { DecodedImage, SourceDeps } from './decodedImage.ts'
import { causeIn } from './ffmpeg/causeIn.ts'
import { type Decoded, decode } from './ffmpeg/decode.ts'
import type { Fit, Sampling } from './ffmpeg/filterGraph.ts'
import type { Snapshot } from './ffmpeg/flags.ts'
import { findTruncation, type Truncation } from './findTruncation.ts'
import { guessedRate } from './guessedRate.ts'
import { imageHealthStep, NO_IMAGE } from './imageHealth.ts'
import { type ImageParts, imageParts } from './imageParts.ts'
import { demuxerFor, readHead, unreadableContent } from './readHead.ts'
import { explainEnding, NO_VIDEO_STREAM, SourceError } from './sourceErrors.ts'

export interface FileOptions extends Partial<ImageParts> {
  /** For telemetry and frames. */
  readonly camera: string
  readonly path: string
  readonly sampling: Sampling
  /** Side of the square in pixels. */
  readonly size: number
  readonly fit: Fit
  /** Only keyframes: much cheaper, and frames are as far apart as keyframes are. Default false. */
  readonly keyframesOnly?: boolean
  /** null: no JPEGs. */
  readonly snapshot: Snapshot | null
  readonly hwaccel?: string | null
  /** Frames a second in place of the file's own times, above 0. Default: the file's times. */
  readonly inputFps?: number | null
  /** Capture time of the file's first instant, ms since the epoch. Default 0: times are positions in the file; now if `realtime`. */
  readonly startAt?: number
  /** Default: all. */
  readonly maxFrames?: number | null
  /** At recording speed, for a file in place of a camera. Default false. */
  readonly realtime?: boolean
  /** Repeats without end; times go on. Default false. */
  readonly loop?: boolean
}

/**
 * `online`, every frame, `ended`. Nothing is dropped: ffmpeg waits until the next frame is requested.
 * Ending the iteration, even while a frame is awaited, stops ffmpeg. The same file gives the same frames and times.
 * @throws SourceError `video-not-found`, `video-unreadable`, `video-empty`, `video-without-stream`, `video-without-frames`,
 *   `video-damaged`, `video-truncated`; the last two may follow good frames
 */
export function readFile(options: FileOptions, deps: SourceDeps): AsyncIterable<Signal<Frame>> {
  return abortableIterable(signal => signals(options, deps, signal))
}

async function* signals(
  options: FileOptions,
  deps: SourceDeps,
  signal: AbortSignal,
): AsyncGenerator<Signal<Frame>, void> {
  const { camera } = options
  const startAt = startOf(options)
  const status = { kind: 'status', camera, reason: null, detail: null, retryInMs: null } as const
  let seq = 0
  let at = startAt
  let watch = NO_IMAGE
  let problem: ImageProblem | null = null
  for await (const image of decodedImages(options, deps, signal)) {
    at = image.capturedAt
    const seen = imageHealthStep(watch, { pixels: image.pixels, at, frozenAfterMs: null })
    watch = seen[0]
    if (seq === 0 || seen[1].problem !== problem) {
      problem = seen[1].problem
      yield { ...status, at, state: 'online', problem }
    }
    deps.telemetry.emit({ type: 'FrameReceived', camera, capturedAt: at })
    yield { kind: 'frame', camera, seq: seq++, problem, ...image }
  }
  yield { ...status, at, state: 'ended', problem: null }
}

/**
 * The same as a camera's source, for `supervise`: one attempt that completes at the file's end.
 * It runs at its reader's speed without waiting for it, so a long file wants `realtime`.
 */
export function file(options: FileOptions, deps: SourceDeps): Observable<DecodedImage> {
  return fromIterable(abortableIterable(signal => decodedImages(options, deps, signal)))
}

/** The file's frames, each [size, size, 3] uint8 RGB with its time. Errors as `readFile`. */
async function* decodedImages(
  options: FileOptions,
  deps: SourceDeps,
  signal: AbortSignal,
): AsyncGenerator<DecodedImage, void> {
  const path = resolve(options.path)
  await checkFile(path)
  const cut = await findTruncation(path)
  const { camera, sampling, size, fit, snapshot, inputFps = null, realtime = false, loop = false } = options
  const startAt = startOf(options)
  const fps = inputFps === null ? await guessedRate(path, deps.ffmpeg) : null
  const input = { kind: 'file', path, realtime, loop, inputFps, demuxer: await demuxerFor(path) } as const
  const { keyframesOnly = false, maxFrames = null, hwaccel = null } = options
  const unreadable = unreadableContent(await readHead(path))
  const run = decode(
    { input, sampling, size, fit, keyframesOnly, times: true, snapshot, maxFrames, hwaccel, ...imageParts(options) },
    {
      ffmpeg: deps.ffmpeg,
      redact: deps.redact,
      onDecodeErrors: (count, last) => deps.telemetry.emit({ type: 'DecodeErrors', camera, count, last }),
      onEnd: ended => checkEnding(path, ended, { cut: ended.frames === maxFrames ? null : cut, content: unreadable }),
    },
    signal,
  )
  let count = 0
  for await (const { timeMs, ...image } of run) {
    // A single frame needs no times.
    if (++count === 2 && fps !== null) deps.telemetry.emit({ type: 'TimesGuessed', camera, fps })
    yield { capturedAt: startAt + (timeMs ?? 0), size, ...image }
  }
}

function startOf({ startAt, realtime = false }: FileOptions): number {
  return startAt ?? (realtime ? Date.now() : 0)
}

/** @throws SourceError for what is known without ffmpeg */
export async function checkFile(path: string): Promise<void> {
  const info = await stat(path).catch((error: unknown) => {
    const missing = ['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')
    throw new SourceError(missing ? `No such video: ${path}` : `Cannot read the video ${path}: ${messageOf(error)}`, {
      reason: 'not-found',
      code: missing ? 'video-not-found' : 'video-unreadable',
      cause: error,
    })
  })
  if (info.isDirectory()) {
    throw new SourceError(`Expected a video, got the folder ${path}`, {
      reason: 'not-found',
      code: 'video-unreadable',
      hint: 'To read a folder of images, set `type: images`.',
    })
  }
  await access(path, constants.R_OK).catch((error: unknown) => {
    throw new SourceError(`No permission to read the video ${path}`, {
      reason: 'not-found',
      code: 'video-unreadable',
      cause: error,
    })
  })
  if (info.isFile() && info.size === 0) {
    throw new SourceError(`The video ${path} is empty (0 bytes)`, { reason: 'invalid-data', code: 'video-empty' })
  }
}

/** The demuxer's texts for a file that ends too soon; ffmpeg's exit code is 0 then. */
const CUT_OFF = /partial file|File ended prematurely|Truncat/i

/** A stream without a single packet: ffmpeg does not even know its format. */
const NO_PACKETS = /Cannot determine format of input|Could not find codec parameters/i

interface KnownOf {
  readonly cut: Truncation | null
  /** Why its content cannot be read; null when it is no reason. */
  readonly content: string | null
}

function checkEnding(path: string, ended: Decoded, { cut, content }: KnownOf): void {
  const { exit, lastLines, frames } = ended
  const { reason, detail } = explainEnding(ended)
  const fail = (code: ErrorCode, message: string) => {
    throw new SourceError(message, { reason, code })
  }
  if (exit.failure !== null || exit.signal !== null) fail('ffmpeg-crashed', `Reading ${path}: ${detail}`)
  if (content !== null && frames === 0) fail('video-damaged', `Cannot read the video ${path}: ${content}`)
  const text = lastLines.join('\n')
  if (NO_VIDEO_STREAM.test(text)) fail('video-without-stream', `The file ${path} has no video stream`)
  if ((cut !== null && frames > 0) || CUT_OFF.test(text)) {
    const sizes = cut === null ? '' : `: it should have ${cut.expected} bytes and has ${cut.actual}`
    fail('video-truncated', `The video ${path} is cut off after ${frames} sampled frames${sizes}`)
  }
  if (frames === 0 && (exit.code === 0 || NO_PACKETS.test(text))) {
    fail('video-without-frames', `The video ${path} has no frames`)
  }
  if (exit.code !== 0) {
    const after = frames > 0 ? ` after ${frames} sampled frames` : ''
    const why = whyOf(path, lastLines) ?? `ffmpeg ended with code ${exit.code}`
    fail('video-damaged', `Cannot read the video ${path}${after}: ${why}`)
  }
}

function whyOf(path: string, lastLines: readonly string[]): string | undefined {
  const why = causeIn(lastLines, path)
  return why === 'moov atom not found' ? `${why}: the file is no video, or it is truncated or still being written` : why
}
