/** Writes a world as a video file, with its labels as JSON beside it. */

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { access, constants, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { atomicWrite, PART_SUFFIX } from '../util/atomicWrite.ts'
import { runChild } from '../util/childProcess.ts'
import { WatchwordError } from '../util/errors.ts'
import { writeError } from '../util/writeError.ts'
import { startFrameEncoder } from './frameEncoder.ts'
import type { Distance, TruthSpan, World, WorldOptions } from './world/world.ts'

export interface RenderOptions {
  readonly world: World
  /** Frames per second, above 0. */
  readonly fps: number
  /** Video file; its extension selects the container: .mp4, .mkv, .mov, .avi. Replaced only once the video is complete. */
  readonly output: string
  /** File for the ground-truth labels; null for none. */
  readonly truth: string | null
  /** An ffmpeg of version 4 or later. */
  readonly ffmpegPath: string
  /** Aborting leaves no file behind and rejects with its reason. */
  readonly signal?: AbortSignal
  /** Called after every second of video. */
  readonly onProgress?: (seconds: number) => void
}

/** The content of a label file. Definitions: docs/demo.md. */
export interface RenderTruth {
  readonly fps: number
  /** Seconds. */
  readonly duration: number
  readonly view: WorldOptions['view']
  readonly distance: Distance
  readonly seed: number | string
  readonly light: WorldOptions['light']
  readonly weather: WorldOptions['weather']
  readonly width: number
  readonly height: number
  readonly spans: readonly TruthSpan[]
  /** People at least half visible at second 0, 1, 2, … */
  readonly people: readonly number[]
}

/**
 * Renders frame by frame into ffmpeg: H.264 where it has libx264, MPEG-4 otherwise.
 * @throws WatchwordError `render-failed` when ffmpeg cannot be started or fails; `unwritable`, `disk-full`, `invalid-option`
 */
export async function renderVideo(options: RenderOptions): Promise<RenderTruth> {
  const { world, fps, output, truth, signal } = options
  const { width, height } = world.options
  if (!(fps > 0)) throw badOption(`Expected \`fps\` to be above 0, got ${fps}`)
  // H.264 with 4:2:0 chroma needs even sizes.
  if (width % 2 || height % 2) throw badOption(`Expected \`width\` and \`height\` to be even, got ${width}x${height}`)
  if (!/\.(mp4|mkv|mov|avi)$/i.test(output))
    throw badOption(`Expected the video file to end in .mp4, .mkv, .mov or .avi, got ${output}`)
  if (truth !== null && resolve(truth) === resolve(output))
    throw badOption(`Expected video and labels to be two files, got ${output} for both`)
  // Fail before the work starts, not after it.
  for (const path of truth === null ? [output] : [output, truth])
    await access(dirname(path), constants.W_OK).catch(error => Promise.reject(writeError(error, path)))
  signal?.throwIfAborted()
  // ffmpeg selects the container by the extension, so the temporary name is a prefix.
  const partial = join(dirname(output), `${randomUUID().slice(0, 8)}${PART_SUFFIX}-${basename(output)}`)
  try {
    await encode(options, partial, (await hasX264(options.ffmpegPath)) ? H264 : MPEG4)
    signal?.throwIfAborted()
    const facts = truthOf(world, fps)
    if (truth !== null) await atomicWrite(truth, `${JSON.stringify(facts, null, 1)}\n`, { isPrivate: false })
    await rename(partial, output).catch(error => Promise.reject(writeError(error, output)))
    return facts
  } finally {
    // The file may not exist.
    await rm(partial, { force: true }).catch(() => undefined)
  }
}

function truthOf(world: World, fps: number): RenderTruth {
  const { durationSeconds, view, distance = 'near', seed, light, weather, width, height } = world.options
  return {
    fps,
    duration: durationSeconds,
    view,
    distance,
    seed,
    light,
    weather,
    width,
    height,
    spans: world.timeline(),
    people: Array.from({ length: Math.ceil(durationSeconds) }, (_, second) => world.truthAt(second).people),
  }
}

const LIST_TIMEOUT_MS = 30_000

/** Two keyframes in five seconds at 10 fps: `detect` can seek, and a player starts at once. */
const H264 = '-c:v libx264 -preset veryfast -crf 23 -g 25 -pix_fmt yuv420p -threads 1'.split(' ')
const MPEG4 = '-c:v mpeg4 -q:v 3 -g 25 -pix_fmt yuv420p'.split(' ')

async function encode(options: RenderOptions, file: string, codec: readonly string[]): Promise<void> {
  const { world, fps, ffmpegPath, signal } = options
  const child = startFrameEncoder({
    world,
    fps,
    ffmpegPath,
    output: ['-y', ...codec, file],
    ...(signal ? { signal } : {}),
  })
  try {
    // A closed pipe means that ffmpeg failed or was stopped; its exit has the reason.
    for (let i = 0; i < Math.round(world.options.durationSeconds * fps) && !child.stdin.destroyed; i++) {
      // Copied, because the world reuses its buffer while the pipe still holds it.
      const taken = child.stdin.write(Buffer.from(world.draw(i / fps)))
      if (!taken) await Promise.race([once(child.stdin, 'drain').catch(() => undefined), child.exited])
      if ((i + 1) % Math.max(1, Math.round(fps)) === 0) options.onProgress?.((i + 1) / fps)
    }
  } catch (error) {
    await child.stop()
    throw error
  }
  child.stdin.end()
  const exit = await child.exited
  signal?.throwIfAborted()
  if (exit.code !== 0) throw renderFailed(options.output, child.explain(exit))
}

async function hasX264(ffmpegPath: string): Promise<boolean> {
  const args = ['-v', 'error', '-hide_banner', '-encoders']
  const { stdout, failure } = await runChild(ffmpegPath, { args, timeoutMs: LIST_TIMEOUT_MS })
  if (failure)
    throw new WatchwordError(`Cannot start ffmpeg at ${ffmpegPath}: ${failure.message}`, { code: 'render-failed' })
  return /\blibx264\b/.test(stdout)
}

function badOption(message: string): WatchwordError {
  return new WatchwordError(message, { code: 'invalid-option' })
}

function renderFailed(path: string, detail: string): WatchwordError {
  return new WatchwordError(`Cannot write ${path}: ${detail}`, { code: 'render-failed' })
}
