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
  /** Complaints of the decoder, summed per second. */
  readonly complain: (count: number, last: string) => void
  /** Called when ffmpeg ended by itself, after its last picture; what it throws ends the iteration with that error. */
  readonly judge: (ended: Decoded) => void
}

/** How an ffmpeg ended that ran out of pictures. */
export interface Decoded {
  readonly exit: ChildExit
  /** The last complaints, oldest first. */
  readonly lastLines: readonly string[]
  /** Those of its last second: older ones do not say why it ended. */
  readonly finalLines: readonly string[]
  readonly pictures: number
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
  const complaints = createDecodeErrors({ report: deps.complain, redact: deps.redact })
  listen(child, complaints)
  let count = 0
  try {
    const pipe = (name: 'times' | 'jpeg') => child.pipes[pipes.indexOf(name)]
    const jpegPipe = pipe('jpeg')
    const timesPipe = pipe('times')
    const pictures = queueOf(child.stdout, splitFrames(plan.size * plan.size * 3))
    const jpegs = jpegPipe && queueOf(jpegPipe, splitJpegs())
    const times = timesPipe && queueOf(timesPipe, splitTimes())
    for (;;) {
      const [pixels, jpeg, timeMs] = await Promise.all([pictures(), jpegs?.() ?? null, times?.() ?? null])
      // A part that is missing at the end belongs to a picture that was cut off.
      if (pixels === undefined || jpeg === undefined || timeMs === undefined) break
      count++
      yield { pixels, jpeg, timeMs }
    }
    const exit = await child.exited
    const words = { lastLines: complaints.lastLines(), finalLines: complaints.lastLines({ withinMs: FINAL_MS }) }
    if (!signal?.aborted) deps.judge({ exit, ...words, pictures: count })
  } finally {
    await child.stop()
    complaints.close({ discard: count === 0 })
  }
}

function listen(child: Child, complaints: DecodeErrors): void {
  const split = splitLines()
  child.stderr.on('data', (chunk: Buffer) => {
    for (const line of split(chunk)) complaints.add(line)
  })
  child.stderr.once('end', () => {
    for (const line of split(Buffer.from('\n'))) complaints.add(line)
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
