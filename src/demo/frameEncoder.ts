/** Starts an ffmpeg that encodes rendered frames, for a live stream or a video file. */

import { type Child, type ChildExit, startChild } from '../util/childProcess.ts'
import type { World } from './world/world.ts'

export interface FrameEncoderOptions {
  readonly world: World
  /** Frames per second. */
  readonly fps: number
  readonly ffmpegPath: string
  /** ffmpeg's arguments after the input: codec, format and destination. */
  readonly output: readonly string[]
  /** Aborting stops the encoder. */
  readonly signal?: AbortSignal
}

export interface FrameEncoder extends Child {
  /** Why the encoder ended: its last line on stderr, otherwise its exit code or signal. Call it after the exit. */
  explain(exit: ChildExit): string
}

const KEEP_CHARACTERS = 2000

/** The caller writes complete RGBA frames to stdin. */
export function startFrameEncoder(options: FrameEncoderOptions): FrameEncoder {
  const { world, fps, ffmpegPath, output, signal } = options
  const { width, height } = world.options
  const input = `-v error -nostdin -f rawvideo -pix_fmt rgba -video_size ${width}x${height} -framerate ${fps} -i pipe:0`
  const args = [...input.split(' '), ...output]
  const child = startChild(ffmpegPath, { args, input: null, ...(signal ? { signal } : {}) })
  let lastOutput = ''
  child.stderr.on('data', (chunk: Buffer) => {
    lastOutput = `${lastOutput}${chunk}`.slice(-KEEP_CHARACTERS)
  })
  return {
    ...child,
    explain: ({ code, signal, failure }) =>
      failure?.message || lastOutput.trim().split('\n').at(-1) || `it ended with ${signal ?? `exit code ${code}`}`,
  }
}
