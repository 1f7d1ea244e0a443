/** Draws a world in real time and feeds it through an H.264 encoder into a live stream. */

import { startChild } from '../util/child.ts'
import type { LiveStream } from './rtsp/stream.ts'
import type { World } from './world/types.ts'

export interface EncodingOptions {
  readonly world: World
  readonly fps: number
  readonly ffmpegPath: string
  readonly stream: LiveStream
}

export interface Encoding {
  /** Settles with the reason when the encoder ended unasked; never otherwise. */
  readonly failed: Promise<Error>
  /** Ends the encoder child and waits until it is gone. */
  close(): Promise<void>
}

/** A world is drawn again from its beginning when it is over. A slow machine skips pictures: time stays true. */
export function startEncoding({ world, fps, ffmpegPath, stream }: EncodingOptions): Encoding {
  const { width, height, durationSeconds } = world.options
  const child = startChild(ffmpegPath, { args: encoderArguments(width, height, fps), input: null })
  let closing = false
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-1000)
  })
  const exited = child.exited.then(
    ({ code, signal, failure }) =>
      failure?.message || complaint.trim().split('\n').at(-1) || `it ended with ${signal ?? `exit code ${code}`}`,
  )
  child.stdout.on('data', (chunk: Buffer) => stream.write(chunk))

  const startedAt = performance.now()
  const timer = setInterval(() => {
    if (child.stdin.writableNeedDrain) return
    const seconds = (performance.now() - startedAt) / 1000
    child.stdin.write(Buffer.from(world.draw(seconds % durationSeconds)))
  }, 1000 / fps)

  return {
    failed: new Promise(resolve => {
      exited.then(reason => closing || resolve(new Error(`The demo's video encoder gave up: ${reason}`)))
    }),
    async close() {
      closing = true
      clearInterval(timer)
      await child.stop()
    },
  }
}

/** One key picture a second: a viewer begins within it, and `decode: keyframes` sees one a second. */
function encoderArguments(width: number, height: number, fps: number): string[] {
  const input = `-v error -f rawvideo -pix_fmt rgba -video_size ${width}x${height} -framerate ${fps} -i pipe:0`
  const encode = `-c:v libx264 -preset superfast -tune zerolatency -threads 1 -pix_fmt yuv420p -crf 24 -g ${fps} -x264-params aud=1:scenecut=0`
  return `${input} ${encode} -f h264 pipe:1`.split(' ')
}
