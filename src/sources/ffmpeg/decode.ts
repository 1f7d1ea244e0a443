/** Runs one ffmpeg and yields its frames, each with its own snapshot and time. ffmpeg waits while no frame is requested. */

import type { Readable } from 'node:stream'
import { type Child, type ChildExit, startChild } from '../../util/childProcess.ts'
import { messageOf } from '../../util/errors.ts'
import { createDecodeErrors, type DecodeErrors } from '../decodeErrors.ts'
import type { Ffmpeg } from './findFfmpeg.ts'
import { type DecodePlan, decodeCommand, memoryBytes } from './flags.ts'
import { type Splitter, splitFrames, splitJpegs, splitLines, splitTimes } from './splitters.ts'

export interface DecodedFrame {
  /** [size, size, 3] uint8 RGB, in a buffer of its own. */
  readonly pixels: Uint8Array<ArrayBuffer>
  readonly jpeg: Uint8Array | null
  /** ms since the start of the file; null when the plan does not ask for times. */
  readonly timeMs: number | null
}

export interface DecodeDeps {
  readonly ffmpeg: Pick<Ffmpeg, 'path' | 'version'>
  readonly redact: (text: string) => string
  /** Errors of the decoder, summed per second. */
  readonly onDecodeErrors: (count: number, last: string) => void
  /** Called when ffmpeg ended by itself, after its last frame. What it throws ends the iteration. */
  readonly onEnd: (ended: Decoded) => void
}

/** How ffmpeg ended by itself. */
export interface Decoded {
  readonly exit: ChildExit
  /** The last lines of its stderr, oldest first. */
  readonly lastLines: readonly string[]
  /** Those of its last second: older ones do not say why it ended. */
  readonly finalLines: readonly string[]
  readonly frames: number
}

/** Bounds what ffmpeg may run ahead of the reader, beyond the pipes' own 64 KiB. */
const AHEAD = 2
const FINAL_MS = 1000

/** Leaving the loop, or aborting, stops ffmpeg: when the generator is done, so is the process. */
export async function* decode(
  plan: DecodePlan,
  deps: DecodeDeps,
  signal?: AbortSignal,
): AsyncGenerator<DecodedFrame, void> {
  const { args, pipes } = decodeCommand(deps.ffmpeg, plan)
  const bounds = { extraPipes: pipes.length, memoryBytes: memoryBytes(plan) }
  const child = startChild(deps.ffmpeg.path, { args, ...bounds, ...(signal ? { signal } : {}) })
  const errors = createDecodeErrors({ report: deps.onDecodeErrors, redact: deps.redact })
  listen(child, errors)
  let count = 0
  try {
    const pipe = (name: 'times' | 'jpeg') => child.pipes[pipes.indexOf(name)]
    const jpegPipe = pipe('jpeg')
    const timesPipe = pipe('times')
    const frames = queueOf(child.stdout, splitFrames(plan.size * plan.size * 3))
    const jpegs = jpegPipe && queueOf(jpegPipe, splitJpegs())
    const times = timesPipe && queueOf(timesPipe, splitTimes())
    for (;;) {
      const [pixels, jpeg, timeMs] = await Promise.all([frames(), jpegs?.() ?? null, times?.() ?? null])
      // A part that is missing at the end belongs to a frame that was cut off.
      if (pixels === undefined || jpeg === undefined || timeMs === undefined) break
      count++
      yield { pixels, jpeg, timeMs }
    }
    const exit = await child.exited
    const lines = { lastLines: errors.lastLines(), finalLines: errors.lastLines({ withinMs: FINAL_MS }) }
    if (!signal?.aborted) deps.onEnd({ exit, ...lines, frames: count })
  } finally {
    await child.stop()
    errors.close({ discard: count === 0 })
  }
}

function listen(child: Child, errors: DecodeErrors): void {
  const split = splitLines()
  child.stderr.on('data', (chunk: Buffer) => {
    for (const line of split(chunk)) errors.add(line)
  })
  child.stderr.once('end', () => {
    for (const line of split(Buffer.from('\n'))) errors.add(line)
  })
  child.stderr.on('error', () => {})
}

/** The next item of a pipe each call, undefined at its end. The pipe is paused while `AHEAD` items wait. */
function queueOf<T>(stream: Readable, split: Splitter<T>): () => Promise<T | undefined> {
  const items: T[] = []
  let ended = false
  let wake = () => {}
  stream.on('data', (chunk: Buffer) => {
    try {
      items.push(...split(chunk))
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(messageOf(error)))
    }
    if (items.length >= AHEAD) stream.pause()
    wake()
  })
  const end = () => {
    ended = true
    wake()
  }
  stream.once('end', end)
  stream.once('close', end)
  stream.once('error', end)
  return async () => {
    while (items.length === 0 && !ended) {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    const item = items.shift()
    if (items.length < AHEAD && !ended) stream.resume()
    return item
  }
}
