/** An ffmpeg that is fed drawn pictures: what a live stream and a rendered file have in common. */

import { type Child, type ChildExit, startChild } from '../util/childProcess.ts'
import type { World } from './world/world.ts'

export interface FrameEncoderOptions {
  readonly world: World
  /** Pictures a second. */
  readonly fps: number
  readonly ffmpegPath: string
  /** ffmpeg's arguments after the input: codec, format and where it goes. */
  readonly output: readonly string[]
  /** Aborting stops it. */
  readonly signal?: AbortSignal
}

export interface FrameEncoder extends Child {
  /** Why it ended: the last line it said, else how it went. Of use once it is gone. */
  explain(exit: ChildExit): string
}

const KEEP_CHARACTERS = 2000

/** The world's pictures, RGBA and whole, are to be written to its stdin. */
export function startFrameEncoder(options: FrameEncoderOptions): FrameEncoder {
  const { world, fps, ffmpegPath, output, signal } = options
  const { width, height } = world.options
  const input = `-v error -nostdin -f rawvideo -pix_fmt rgba -video_size ${width}x${height} -framerate ${fps} -i pipe:0`
  const args = [...input.split(' '), ...output]
  const child = startChild(ffmpegPath, { args, input: null, ...(signal ? { signal } : {}) })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-KEEP_CHARACTERS)
  })
  return {
    ...child,
    explain: ({ code, signal, failure }) =>
      failure?.message || said.trim().split('\n').at(-1) || `it ended with ${signal ?? `exit code ${code}`}`,
  }
}
