/** The encoder of the pipeline: one deciding variant, and shadow variants that are only measured. */

import { join } from 'node:path'
import { readModelCard } from '../models/modelCard.ts'
import { readVariantCard } from '../models/variantCard.ts'
import type { Provider } from '../onnx/session/openSession.ts'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { EncodedBatch, Encoder } from '../types.ts'
import type { EncoderTask, Fault } from './encoderProtocol.ts'
import { type EncoderSession, type SessionOptions, startEncoderSession } from './encoderSession.ts'
import { createShadows } from './shadows.ts'

export interface EncoderOptions extends SessionOptions {
  readonly modelDir: string
  /** The variant whose embeddings decide events. */
  readonly variant: string
  /** Shadow variants, to measure and to compare with the deciding one. Default: none. */
  readonly shadow?: readonly string[]
  /** Fraction of the batches that shadow variants encode, too, [0, 1]. Default: 0.05. */
  readonly shadowFraction?: number
  /** Default: `auto`. */
  readonly provider?: Provider
  /** Threads of one run. Default: 0, one per core. */
  readonly threads?: number
  /** Default: 8. */
  readonly maxBatch?: number
}

export interface EncoderHandle extends Encoder {
  readonly variant: string
  /** sha256 (hex) of the deciding variant's ONNX file. */
  readonly modelSha: string
  /** Side of the square pictures in pixels. */
  readonly imageSize: number
  /** Length of the vectors. */
  readonly dim: number
  /** The execution provider in use: the configured one, or `cpu`. */
  readonly provider: string
  /** For tests of failures: the worker of the deciding variant crashes or hangs. */
  inject(fault: Fault): void
  close(): Promise<void>
}

/**
 * Loads and warms up every variant.
 * @throws WatchwordError `model-missing`, `model-card-invalid`, `model-unusable`
 */
export async function startEncoder(options: EncoderOptions, telemetry: Telemetry): Promise<EncoderHandle> {
  const { modelDir, variant, maxBatch = 8 } = options
  const { imageSize } = await readModelCard(modelDir)
  const { sha256 } = await readVariantCard(modelDir, variant)
  const shadowNames = [...new Set(options.shadow ?? [])].filter(name => name !== variant)
  const started: EncoderSession[] = []
  try {
    for (const name of [variant, ...shadowNames]) started.push(await startVariant(name, options, telemetry))
  } catch (error) {
    await Promise.all(started.map(session => session.close()))
    throw error
  }
  const [main, ...others] = started as [EncoderSession, ...EncoderSession[]]
  const shadows = createShadows(
    others.map((session, place) => ({ variant: shadowNames[place] as string, session })),
    options.shadowFraction ?? 0.05,
    telemetry,
  )
  return {
    variant,
    modelSha: sha256,
    imageSize,
    maxBatch,
    dim: main.dim,
    get provider() {
      return main.provider
    },
    async encode(pictures): Promise<EncodedBatch> {
      checkPictures(pictures, imageSize, maxBatch)
      const copies = shadows.take(pictures)
      const { embeddings, seconds } = await main.encode(pictures.map(ownMemory))
      const vectors = pictures.map((_, place) => embeddings.slice(place * main.dim, (place + 1) * main.dim))
      if (copies !== null) shadows.compare(copies, vectors)
      return { variant, embeddings: vectors, seconds }
    },
    inject: fault => main.inject(fault),
    close: async () => void (await Promise.all(started.map(session => session.close()))),
  }
}

async function startVariant(variant: string, options: EncoderOptions, telemetry: Telemetry): Promise<EncoderSession> {
  const card = await readModelCard(options.modelDir)
  const { file } = await readVariantCard(options.modelDir, variant)
  const task: EncoderTask = {
    modelPath: join(options.modelDir, file),
    imageSize: card.imageSize,
    mean: card.mean,
    std: card.std,
    provider: options.provider ?? 'auto',
    threads: options.threads ?? 0,
    maxBatch: options.maxBatch ?? 8,
    lowPriority: variant !== options.variant,
  }
  const events = {
    crashed: (error: string, framesLost: number) =>
      telemetry.emit({ type: 'EncoderCrashed', variant, error, framesLost }),
    restarted: (restarts: number) => telemetry.emit({ type: 'EncoderRestarted', variant, restarts }),
    providerUnavailable: (wanted: string, error: string) =>
      telemetry.emit({ type: 'ProviderUnavailable', wanted, using: 'cpu', error }),
  }
  return startEncoderSession(task, events, options)
}

function checkPictures(pictures: readonly Uint8Array[], size: number, maxBatch: number): void {
  if (pictures.length < 1 || pictures.length > maxBatch)
    throw new RangeError(`Expected 1 to ${maxBatch} pictures, got ${pictures.length}`)
  const wrong = pictures.find(picture => picture.length !== size * size * 3)
  if (wrong !== undefined)
    throw new RangeError(`Expected ${size * size * 3} bytes (${size}x${size} RGB) a picture, got ${wrong.length}`)
}

/** A picture that is a view of a larger buffer is copied, because a transfer detaches the whole buffer. */
function ownMemory(picture: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return picture.byteLength === picture.buffer.byteLength ? picture : picture.slice()
}
