/** One variant's worker thread, kept alive: restarted when it crashes or stops answering. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { type Backoff, backoffDelay } from '../util/backoff.ts'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { startNativeWorker, stopNativeWorker } from '../util/startNativeWorker.ts'
import type { EncoderTask, Fault, FromEncoder, ToEncoder } from './encoderProtocol.ts'

export interface SessionOptions {
  /** Timeout of a call, after which the worker is replaced. Default: 30 s, or 20 times the warm-up batch if longer. */
  readonly stuckAfterMs?: number
  /** Timeout for loading the model. Default: 5 minutes. */
  readonly startTimeoutMs?: number
  /** Delay before restart n, counted from 1 since the last answer. Default: 100 ms, doubling, at most 30 s. */
  readonly restartDelayMs?: (attempt: number) => number
}

/** Notifications to the owner. */
export interface SessionEvents {
  /** The worker died, or could not encode one batch. */
  crashed(error: string, picturesLost: number): void
  restarted(restarts: number): void
  providerUnavailable(wanted: string, error: string): void
}

export interface EncodedRows {
  /** [pictures, dim] float32, L2-normalised rows. */
  readonly embeddings: Float32Array
  /** Seconds inside onnxruntime. */
  readonly seconds: number
}

export interface EncoderSession {
  readonly dim: number
  readonly provider: string
  /** Pictures are transferred. Waits while the worker restarts; rejects when it dies or a restart fails. */
  encode(pictures: readonly Uint8Array<ArrayBuffer>[]): Promise<EncodedRows>
  /** For tests of failures: the worker throws, or never answers again. */
  inject(fault: Fault): void
  close(): Promise<void>
}

interface Call {
  readonly pictures: number
  readonly resolve: (rows: EncodedRows) => void
  readonly reject: (error: Error) => void
}

type Ready = Extract<FromEncoder, { type: 'ready' }>
interface Live extends Ready {
  readonly worker: Worker
}

const CLOSE_TIMEOUT_MS = 2_000
const RESTART: Backoff = { firstMs: 100, maxMs: 30_000 }
const defaultRestartDelayMs = (attempt: number) => backoffDelay(RESTART, attempt)

/** @throws WatchwordError `model-unusable` when onnxruntime cannot load or run the model the first time. */
export async function startEncoderSession(
  task: EncoderTask,
  events: SessionEvents,
  options: SessionOptions = {},
): Promise<EncoderSession> {
  const session = new SupervisedSession(task, events, options)
  await session.open()
  return session
}

class SupervisedSession implements EncoderSession {
  dim = 0
  provider = ''
  readonly #task: EncoderTask
  readonly #events: SessionEvents
  readonly #options: SessionOptions
  /** Calls without an answer, oldest first: the worker answers in order. */
  readonly #calls = new Map<number, Call>()
  #live: Promise<Live> = Promise.reject(new Error('not opened'))
  #current: Live | null = null
  #timer: NodeJS.Timeout | undefined
  #nextId = 0
  #restarts = 0
  #failuresInARow = 0
  readonly #closing = new AbortController()

  constructor(task: EncoderTask, events: SessionEvents, options: SessionOptions) {
    this.#task = task
    this.#events = events
    this.#options = options
    this.#live.catch(() => {})
  }

  async open(): Promise<void> {
    try {
      this.#live = Promise.resolve(await this.#launch())
    } catch (cause) {
      throw new WatchwordError(`onnxruntime cannot run ${this.#task.modelPath}: ${messageOf(cause)}`, {
        code: 'model-unusable',
        hint: 'Check the file with `watchword models verify`, or make it again with `watchword optimize`',
        cause,
      })
    }
  }

  async encode(pictures: readonly Uint8Array<ArrayBuffer>[]): Promise<EncodedRows> {
    const { worker } = await this.#live
    if (this.#closed) throw closedError()
    return new Promise((resolve, reject) => {
      const id = this.#nextId++
      this.#calls.set(id, { pictures: pictures.length, resolve, reject })
      if (this.#calls.size === 1) this.#expectAnswer()
      send(worker, { type: 'encode', id, pictures }, [...new Set(pictures.map(({ buffer }) => buffer))])
    })
  }

  inject(fault: Fault): void {
    if (this.#current !== null) send(this.#current.worker, { type: 'fault', fault })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closing.abort()
    clearTimeout(this.#timer)
    this.#rejectCalls(closedError())
    const worker = this.#current?.worker
    this.#current = null
    if (worker === undefined) return
    const exited = new Promise(resolve => worker.once('exit', resolve))
    send(worker, { type: 'close' })
    const timer = setTimeout(() => void stopNativeWorker(worker), CLOSE_TIMEOUT_MS)
    await exited
    clearTimeout(timer)
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted
  }

  /** Starts a worker; resolves when it has warmed up. Its exit after that is reported as a crash. */
  #launch(): Promise<Live> {
    const file = new URL('./encoderWorker.ts', import.meta.url)
    const worker = startNativeWorker(file, import.meta.url, this.#task, { name: 'encoder' })
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => fail('the model did not load in time'), this.#options.startTimeoutMs ?? 300_000)
      const fail = (error: string) => {
        clearTimeout(timer)
        void stopNativeWorker(worker)
        reject(new Error(error))
        if (this.#current?.worker === worker) this.#lost(error)
      }
      worker.on('error', error => fail(messageOf(error)))
      worker.on('exit', code => fail(`the encoder's thread ended with code ${code}`))
      worker.on('message', (message: FromEncoder) => {
        if (message.type === 'failed') fail(message.error)
        else if (message.type === 'providerUnavailable') this.#events.providerUnavailable(message.wanted, message.error)
        else if (message.type === 'ready') {
          clearTimeout(timer)
          this.#current = { ...message, worker }
          this.dim = message.dim
          this.provider = message.provider
          resolve(this.#current)
        } else if (this.#current?.worker === worker) this.#answered(message)
      })
    })
  }

  #answered(message: Extract<FromEncoder, { type: 'encoded' | 'refused' }>): void {
    const call = this.#calls.get(message.id)
    this.#calls.delete(message.id)
    this.#failuresInARow = 0
    clearTimeout(this.#timer)
    if (this.#calls.size > 0) this.#expectAnswer()
    if (message.type === 'encoded') {
      call?.resolve(message)
    } else {
      this.#events.crashed(message.error, call?.pictures ?? 0)
      call?.reject(new Error(message.error))
    }
  }

  /** Native code cannot be interrupted: a stuck thread is abandoned and replaced. */
  #expectAnswer(): void {
    const batchMs = (this.#current?.warmUpSeconds ?? 0) * 1000
    const timeoutMs = this.#options.stuckAfterMs ?? Math.max(30_000, 20 * batchMs)
    this.#timer = setTimeout(() => {
      if (this.#current !== null) void stopNativeWorker(this.#current.worker)
      this.#lost(`no answer for ${timeoutMs} ms`)
    }, timeoutMs)
  }

  #lost(error: string): void {
    clearTimeout(this.#timer)
    this.#current = null
    if (this.#closed) return
    this.#failuresInARow++
    this.#live = this.#relaunch()
    this.#live.catch((cause: unknown) => this.#lost(messageOf(cause)))
    this.#events.crashed(error, this.#rejectCalls(new Error(`The encoder died: ${error}`)))
  }

  async #relaunch(): Promise<Live> {
    const delayMs = (this.#options.restartDelayMs ?? defaultRestartDelayMs)(this.#failuresInARow)
    await delay(delayMs, undefined, { signal: this.#closing.signal })
    const live = await this.#launch()
    if (this.#closed) {
      void stopNativeWorker(live.worker)
      throw closedError()
    }
    this.#events.restarted(++this.#restarts)
    return live
  }

  /** @returns how many pictures were lost. */
  #rejectCalls(error: Error): number {
    const calls = [...this.#calls.values()]
    this.#calls.clear()
    for (const call of calls) call.reject(error)
    return calls.reduce((sum, call) => sum + call.pictures, 0)
  }
}

function send(worker: Worker, message: ToEncoder, transfer: ArrayBuffer[] = []): void {
  worker.postMessage(message, transfer)
}

function closedError(): Error {
  return new Error('The encoder is closed')
}
