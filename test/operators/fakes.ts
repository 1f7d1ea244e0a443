/** Frames, statuses, encoders and telemetry made by hand, all on virtual time. */

import { asyncScheduler } from 'rxjs'
import type { InternalEvent, Telemetry } from '../../src/telemetry/internalEvents.ts'
import type {
  CameraStatus,
  EncodedBatch,
  EncodedFrame,
  Encoder,
  Frame,
  MarkedFrame,
  ScoredFrame,
} from '../../src/types.ts'

const SIZE = 2

export function frame(camera: string, at: number, rest: Partial<MarkedFrame> = {}): MarkedFrame {
  return {
    kind: 'frame',
    camera,
    seq: at,
    capturedAt: at,
    pixels: new Uint8Array(SIZE * SIZE * 3),
    size: SIZE,
    jpeg: null,
    problem: null,
    motion: 0,
    settled: 0,
    still: false,
    ...rest,
  }
}

/** A picture of one grey per pixel, from a function of its position. */
export function picture(size: number, grey: (x: number, y: number) => number): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(size * size * 3)
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      pixels.fill(Math.max(0, Math.min(255, Math.round(grey(x, y)))), (y * size + x) * 3, (y * size + x + 1) * 3)
  return pixels
}

export function pictureFrame(at: number, pixels: Uint8Array<ArrayBuffer>, camera = 'a'): Frame {
  const { motion: _, settled: __, still: ___, ...rest } = frame(camera, at)
  return { ...rest, pixels, size: Math.sqrt(pixels.length / 3) }
}

export function encoded(camera: string, at: number, embedding: readonly number[] = [1, 0]): EncodedFrame {
  return {
    kind: 'frame',
    frame: frame(camera, at),
    embedding: Float32Array.from(embedding),
    variant: 'fake',
    reused: false,
  }
}

export function scored(
  camera: string,
  at: number,
  scores: Readonly<Record<string, number>>,
  rest: Partial<MarkedFrame> = {},
): ScoredFrame {
  return { kind: 'frame', frame: frame(camera, at, rest), variant: 'fake', scores, rawScores: scores }
}

export function status(camera: string, at: number, state: CameraStatus['state']): CameraStatus {
  return { kind: 'status', camera, at, state, problem: null, reason: null, detail: null, retryInMs: null }
}

export interface FakeEncoder extends Encoder {
  /** Sizes of the batches it was given. */
  readonly batches: number[]
  /** Most batches it had at once. */
  readonly mostAtOnce: () => number
}

/**
 * Answers after `takesMs(batch number)` of virtual time with vectors [number of the picture, batch number].
 * Its promise settles on RxJS's clock, which the TestScheduler can turn; real promises it cannot.
 */
export function fakeEncoder({
  maxBatch = 8,
  takesMs = () => 40,
  fails = () => false,
  emptyAnswer = false,
  see,
}: {
  maxBatch?: number
  takesMs?: (batch: number) => number
  fails?: (batch: number, at: number) => boolean
  emptyAnswer?: boolean
  /** The vector of a picture, instead of its number. */
  see?: (pixels: Uint8Array) => readonly number[]
} = {}): FakeEncoder {
  const batches: number[] = []
  let pictures = 0
  let open = 0
  let most = 0
  return {
    maxBatch,
    batches,
    mostAtOnce: () => most,
    encode(given) {
      const batch = batches.push(given.length) - 1
      most = Math.max(most, ++open)
      const embeddings = given.map(pixels => Float32Array.from(see?.(pixels) ?? [pictures++, batch]))
      const answer: EncodedBatch = {
        variant: 'fake',
        embeddings: emptyAnswer ? [] : embeddings,
        seconds: takesMs(batch) / 1000,
      }
      const virtual = {
        // biome-ignore lint/suspicious/noThenProperty: a promise that keeps virtual time must have one
        then(done: (answer: EncodedBatch) => void, failed: (error: Error) => void) {
          asyncScheduler.schedule(() => {
            open -= 1
            if (fails(batch, asyncScheduler.now())) failed(new Error('the worker died'))
            else done(answer)
          }, takesMs(batch))
        },
      }
      return virtual as unknown as Promise<EncodedBatch>
    },
  }
}

export interface RecordedTelemetry extends Telemetry {
  readonly internalEvents: InternalEvent[]
  /** Frames counted so far. */
  encoded(): number
  gated(): number
  dropped(reason?: string): number
}

export function recordTelemetry(): RecordedTelemetry {
  const internalEvents: InternalEvent[] = []
  const sum = (count: (internalEvent: InternalEvent) => number) =>
    internalEvents.reduce((total, one) => total + count(one), 0)
  return {
    internalEvents,
    emit: internalEvent => {
      internalEvents.push(internalEvent)
    },
    encoded: () => sum(one => (one.type === 'BatchEncoded' ? one.size : 0)),
    gated: () => sum(one => (one.type === 'FrameSkipped' ? 1 : 0)),
    dropped: reason =>
      sum(one => (one.type === 'FramesDropped' && (reason === undefined || one.reason === reason) ? one.count : 0)),
  }
}

/** Only sums, for long runs: frames encoded, gated or dropped. */
export function countTelemetry(): Telemetry & { accounted(): number } {
  let accounted = 0
  return {
    emit: internalEvent => {
      if (internalEvent.type === 'BatchEncoded') accounted += internalEvent.size
      if (internalEvent.type === 'FramesDropped') accounted += internalEvent.count
      if (internalEvent.type === 'FrameSkipped') accounted += 1
    },
    accounted: () => accounted,
  }
}
