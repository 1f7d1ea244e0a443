/** Runs one ffmpeg and yields its frames, each with its own snapshot and time. ffmpeg waits while no frame is requested. */

import type { Readable } from 'node:stream'
import type { DetailImage } from '../../types.ts'
import { type Child, type ChildExit, startChild } from '../../util/childProcess.ts'
import { createDecodeErrors, type DecodeErrors } from '../decodeErrors.ts'
import { TOO_SMALL, WIDEST } from './filterGraph.ts'
import type { Ffmpeg } from './findFfmpeg.ts'
import { type DecodePlan, decodeCommand, memoryBytes, type Pipe } from './flags.ts'
import { type Splitter, splitFrames, splitJpegs, splitLines, splitPpm, splitSquares, splitTimes } from './splitters.ts'

export interface DecodedFrame {
  /** [size, size, 3] uint8 RGB, in a buffer of its own. */
  readonly pixels: Uint8Array<ArrayBuffer>
  readonly jpeg: Uint8Array | null
  /** ms since the start of the file; null when the plan does not ask for times. */
  readonly timeMs: number | null
  readonly detail: DetailImage | null
  /** Zone name → [size, size, 3] uint8 RGB. */
  readonly zoneImages: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
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
/** A detail is several times larger. With the one that is being read, two are in memory. */
const DETAIL_AHEAD = 1
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
    const next = partsOf(child, plan, pipes)
    for (let frame = await next(); frame !== null; frame = await next()) {
      count++
      yield frame
    }
    const exit = await child.exited
    const lines = { lastLines: errors.lastLines(), finalLines: errors.lastLines({ withinMs: FINAL_MS }) }
    if (!signal?.aborted) deps.onEnd({ exit, ...lines, frames: count })
  } finally {
    await child.stop()
    errors.close({ discard: count === 0 })
  }
}

/** Reads one item of each pipe for each frame. null at the end. */
function partsOf(child: Child, plan: DecodePlan, pipes: readonly Pipe[]): () => Promise<DecodedFrame | null> {
  const { size, detailHeight, zones } = plan
  const queue = <T>(name: Pipe, split: Splitter<T>, ahead?: number) => {
    const pipe = child.pipes[pipes.indexOf(name)]
    return pipe && queueOf(pipe, split, ahead)
  }
  const frames = queueOf(child.stdout, splitFrames(size * size * 3))
  const times = queue('times', splitTimes())
  const jpegs = queue('jpeg', splitJpegs())
  const details = queue('detail', splitPpm(WIDEST * (detailHeight ?? 0) ** 2), DETAIL_AHEAD)
  const names = zones.map(({ name }) => name)
  const squares = queue('zones', splitSquares(names, size))
  return async () => {
    const [pixels, timeMs, jpeg, detail, zoneImages] = await Promise.all([
      frames(),
      times?.() ?? null,
      jpegs?.() ?? null,
      details?.() ?? null,
      squares?.() ?? new Map<string, never>(),
    ])
    // A part that is missing at the end belongs to a frame that was cut off.
    const isCut = [pixels, timeMs, jpeg, detail, zoneImages].includes(undefined)
    if (isCut) return null
    const isTooSmall = detail?.height === TOO_SMALL
    return { pixels, timeMs, jpeg, detail: isTooSmall ? null : detail, zoneImages } as DecodedFrame
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

/** The next item of a pipe each call, undefined at its end. The pipe is paused while `ahead` items wait. @throws what `split` throws */
function queueOf<T>(stream: Readable, split: Splitter<T>, ahead = AHEAD): () => Promise<T | undefined> {
  const items: T[] = []
  let ended = false
  let fault: unknown = null
  let wake = () => {}
  stream.on('data', (chunk: Buffer) => {
    try {
      items.push(...split(chunk))
    } catch (error) {
      fault = error
      stream.destroy()
    }
    if (items.length >= ahead) stream.pause()
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
    if (item === undefined && fault !== null) throw fault
    if (items.length < ahead && !ended) stream.resume()
    return item
  }
}
