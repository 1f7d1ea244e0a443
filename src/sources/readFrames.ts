/** Reads only the images of a video, for measuring models: calibration, comparison, benchmark. */

import { WatchwordError } from '../util/errors.ts'
import type { Fit, Sampling } from './ffmpeg/filterGraph.ts'
import { type Ffmpeg, findFfmpeg } from './ffmpeg/findFfmpeg.ts'
import { readFile } from './file.ts'
import { probe } from './probe.ts'

export interface ReadFramesOptions {
  /** Side of the square in pixels. */
  readonly size: number
  /** At most so many, evenly spread over the video unless `fps` or `everyNth` says which. Default: all. */
  readonly count?: number
  readonly everyNth?: number
  readonly fps?: number
  /** Default `stretch`. */
  readonly fit?: Fit
  /** Default: the one that `findFfmpeg` finds. */
  readonly ffmpeg?: Pick<Ffmpeg, 'path' | 'version'>
}

/**
 * Each frame is [size, size, 3] uint8 RGB in a buffer of its own. Spreading reads the video's frames once more to
 * count them, without decoding. Errors as `readFile`.
 */
export async function* readFrames(video: string, options: ReadFramesOptions): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const ffmpeg = options.ffmpeg ?? (await findFfmpeg())
  const { size, count, fit = 'stretch' } = options
  if (count !== undefined && !(count >= 1)) {
    throw new WatchwordError(`Expected \`count\` to be at least 1, got ${count}`, { code: 'invalid-option' })
  }
  const deps = { ffmpeg, telemetry: { emit: () => {} }, redact: (text: string) => text }
  const sampling = await samplingOf(video, options, ffmpeg)
  const frames = readFile(
    { camera: 'video', path: video, sampling, size, fit, snapshot: null, maxFrames: count ?? null },
    deps,
  )
  for await (const signal of frames) if (signal.kind === 'frame') yield signal.pixels
}

async function samplingOf(
  video: string,
  { fps, everyNth, count }: ReadFramesOptions,
  ffmpeg: Pick<Ffmpeg, 'path' | 'version'>,
): Promise<Sampling> {
  if (fps !== undefined) return { fps }
  if (everyNth !== undefined) return { everyNth }
  if (count === undefined) return 'all'
  const { packets } = await probe(video, { ffmpeg, redact: text => text, forMs: Number.POSITIVE_INFINITY })
  return { everyNth: Math.max(1, Math.floor(packets / count)) }
}
