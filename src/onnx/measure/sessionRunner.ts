/** A worker thread that keeps sessions of several variants open and runs them on request. */

import type { Worker } from 'node:worker_threads'
import { WatchwordError } from '../../util/errors.ts'
import { startNativeWorker, stopNativeWorker } from '../../util/startNativeWorker.ts'
import type { ImageFormat } from '../session/imageTensor.ts'
import type { Int8Kernel } from '../session/sessionOptions.ts'
import type { FromRunner, Reduced, RunnerRequest, RunnerTask, ToRunner } from './sessionRunnerProtocol.ts'

export interface SessionRunner {
  /** Opening a variant again replaces it. @throws WatchwordError `session-failed` */
  open(variant: string, path: string): Promise<Opened>
  /** One run over the pictures as one batch: the seconds inside onnxruntime and the embeddings, not normalised. */
  run(variant: string, pictures: readonly Uint8Array[]): Promise<Run>
  /** All pictures, in batches. */
  embed(variant: string, pictures: readonly Uint8Array[], batch?: number): Promise<Float32Array[]>
  /** Every output of the graph, summed over batches: for graphs whose output shapes do not depend on the batch. */
  sum(variant: string, pictures: readonly Uint8Array[], batch?: number): Promise<Reduced>
  /** The same, with the largest value of each element. */
  max(variant: string, pictures: readonly Uint8Array[], batch?: number): Promise<Reduced>
  close(variant: string): Promise<void>
  stop(): Promise<void>
}

export interface Opened {
  /** Seconds it took. */
  readonly seconds: number
  /** How int8 layers are multiplied. */
  readonly int8Kernel: Int8Kernel | null
}

export interface Run {
  readonly seconds: number
  /** One [dim] float32 per picture. */
  readonly embeddings: Float32Array[]
}

export interface SessionRunnerOptions {
  readonly format: ImageFormat
  /** Threads for one run; default 0: one per core. */
  readonly threads?: number
}

export function startSessionRunner({ format, threads = 0 }: SessionRunnerOptions): SessionRunner {
  const task: RunnerTask = { format }
  const worker = startNativeWorker(new URL('./sessionRunnerWorker.ts', import.meta.url), import.meta.url, task)
  const ask = askWorker(worker)
  const run = async (variant: string, pictures: readonly Uint8Array[]): Promise<Run> => {
    const { seconds, embeddings } = await ask({ type: 'run', variant, pictures })
    return { seconds, embeddings }
  }
  return {
    open: async (variant, path) => {
      const { seconds, int8Kernel } = await ask({ type: 'open', variant, path, threads })
      return { seconds, int8Kernel }
    },
    run,
    embed: async (variant, pictures, batch = 8) => {
      const embeddings: Float32Array[] = []
      for (let i = 0; i < pictures.length; i += batch) {
        embeddings.push(...(await run(variant, pictures.slice(i, i + batch))).embeddings)
      }
      return embeddings
    },
    sum: async (variant, pictures, batch = 8) => (await ask({ type: 'sum', variant, pictures, batch })).reduced,
    max: async (variant, pictures, batch = 8) => (await ask({ type: 'max', variant, pictures, batch })).reduced,
    close: async variant => void (await ask({ type: 'close', variant })),
    stop: () => stopNativeWorker(worker),
  }
}

type Answer = Extract<FromRunner, { ok: true }>

/** Matches answers to requests; when the worker exits, all pending requests fail. */
function askWorker(worker: Worker): (request: RunnerRequest) => Promise<Answer> {
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>()
  let dead: Error | null = null
  let next = 0
  const die = (error: Error) => {
    dead ??= error
    for (const { reject } of waiting.values()) reject(dead)
    waiting.clear()
  }
  worker.on('message', (answer: FromRunner) => {
    const pending = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (answer.ok) pending?.resolve(answer)
    else pending?.reject(new WatchwordError(answer.error, { code: answer.code ?? 'session-failed' }))
  })
  worker.on('error', die)
  worker.on('exit', () => die(new Error('The measuring worker has ended')))
  return request =>
    new Promise((resolve, reject) => {
      if (dead !== null) return reject(dead)
      const message: ToRunner = { ...request, id: next++ }
      waiting.set(message.id, { resolve, reject })
      worker.postMessage(message)
    })
}
