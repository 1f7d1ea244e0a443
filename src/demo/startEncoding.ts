/** Renders a world in real time and encodes it as H.264 into a live stream. */

import { startFrameEncoder } from './frameEncoder.ts'
import type { LiveStream } from './rtsp/liveStream.ts'
import type { World } from './world/world.ts'

export interface EncodingOptions {
  readonly world: World
  readonly fps: number
  readonly ffmpegPath: string
  readonly stream: LiveStream
}

export interface Encoding {
  /** Settles with the reason when the encoder ended unexpectedly; otherwise it never settles. */
  readonly failed: Promise<Error>
  /** Stops the encoder process and waits for its exit. */
  close(): Promise<void>
}

/** A world restarts when its duration is over. A slow machine skips frames, so that the clock stays right. */
export function startEncoding({ world, fps, ffmpegPath, stream }: EncodingOptions): Encoding {
  const child = startFrameEncoder({ world, fps, ffmpegPath, output: liveOutput(fps) })
  const { durationSeconds } = world.options
  let closing = false
  child.stdout.on('data', (chunk: Buffer) => stream.write(chunk))

  const startedAt = performance.now()
  const timer = setInterval(() => {
    if (child.stdin.writableNeedDrain) return
    const seconds = (performance.now() - startedAt) / 1000
    child.stdin.write(Buffer.from(world.draw(seconds % durationSeconds)))
  }, 1000 / fps)

  return {
    failed: new Promise(resolve => {
      child.exited.then(
        exit => closing || resolve(new Error(`The demo's video encoder failed: ${child.explain(exit)}`)),
      )
    }),
    async close() {
      closing = true
      clearInterval(timer)
      await child.stop()
    },
  }
}

/** One keyframe per second: viewers start within a second, and `decode: keyframes` gets one frame per second. */
function liveOutput(fps: number): string[] {
  const codec = `-c:v libx264 -preset superfast -tune zerolatency -threads 1 -pix_fmt yuv420p -crf 24 -g ${fps} -x264-params aud=1:scenecut=0`
  return `${codec} -f h264 pipe:1`.split(' ')
}
