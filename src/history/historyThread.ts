/** The thread of a history writer as the main thread sees it: bounded, restarted when it dies, ended in bounded time. */

import type { Worker } from 'node:worker_threads'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import { messageOf } from '../util/errors.ts'
import { startNativeWorker, stopNativeWorker } from '../util/startNativeWorker.ts'
import type { FromHistory, HistoryBatch, HistoryTask, ToHistory } from './historyProtocol.ts'

export interface HistoryThreadDeps {
  readonly telemetry: Telemetry
  /** Reports once that the disk fails, and once that it works again. */
  readonly health: { failed(error: unknown): void; worked(): void }
  /** Frames of a batch were not stored: what the next batches refer to may be missing. */
  readonly onLost: (camera: string) => void
}

export interface HistoryThread {
  /** @returns false when too much waits already, or the thread is not alive: the batch is not taken then */
  write(batch: HistoryBatch): boolean
  /** Looks after the thread; to be called every second or so. */
  check(): void
  /** Everything taken is on disk, or counted as skipped. */
  close(): Promise<void>
}

/** What waits for the disk at most. */
const MOST_WAITING_BYTES = 32 * 2 ** 20
/** The thread has a low priority: with seven programs a core it was silent for more than 10 s while its disk was well. */
const SILENCE_MS = 30_000
const RESTART_MS = 10_000
/** A service manager kills after ten seconds; other parts must be closed as well. */
const CLOSE_MS = 2000
/** A frame without its vectors. */
const SIGNAL_BYTES = 500

interface Waiting {
  readonly batch: HistoryBatch
  readonly bytes: number
  readonly since: number
}

export function startHistoryThread(task: HistoryTask, deps: HistoryThreadDeps): HistoryThread {
  return new Thread(task, deps)
}

class Thread implements HistoryThread {
  readonly #task: HistoryTask
  readonly #deps: HistoryThreadDeps
  readonly #waiting: Waiting[] = []
  #worker: Worker | null
  #restartAt = 0
  #bytes = 0
  #onClosed: (() => void) | null = null

  constructor(task: HistoryTask, deps: HistoryThreadDeps) {
    this.#task = task
    this.#deps = deps
    this.#worker = this.#start()
  }

  write(batch: HistoryBatch): boolean {
    const bytes = bytesOf(batch)
    if (this.#worker === null || this.#bytes + bytes > MOST_WAITING_BYTES) return false
    this.#bytes += bytes
    this.#waiting.push({ batch, bytes, since: performance.now() })
    const pictures = batch.pictures.map(
      ({ image }) => ('jpeg' in image ? image.jpeg : image.pixels).buffer as ArrayBuffer,
    )
    this.#send({ type: 'write', batch }, [batch.vectors.buffer, ...pictures])
    return true
  }

  check(): void {
    const now = performance.now()
    const oldest = this.#waiting[0]?.since ?? now
    if (now - oldest > SILENCE_MS)
      this.#deps.health.failed(
        new Error(`the disk has not answered for ${SILENCE_MS / 1000} s, or the machine is overloaded`),
      )
    if (this.#worker === null && now >= this.#restartAt) this.#worker = this.#start()
  }

  async close(): Promise<void> {
    const worker = this.#worker
    if (worker === null) return
    const closed = new Promise<boolean>(resolve => {
      this.#onClosed = () => resolve(true)
    })
    this.#send({ type: 'close' })
    const isClosed = await Promise.race([closed, after(CLOSE_MS)])
    this.#worker = null
    if (isClosed) {
      await stopNativeWorker(worker)
      return
    }
    this.#lose('the disk has not answered')
    // It may hang for ever. It keeps no process alive, and the process's exit does not wait for it.
    worker.unref()
    void stopNativeWorker(worker)
  }

  #start(): Worker {
    const worker = startNativeWorker(new URL('./historyWorker.ts', import.meta.url), import.meta.url, this.#task)
    worker.on('message', (message: FromHistory) => this.#answer(message))
    worker.on('error', error => {
      if (this.#worker === worker) this.#fail(messageOf(error))
    })
    worker.on('exit', () => {
      if (this.#worker === worker) this.#fail('its thread has ended')
    })
    return worker
  }

  #send(message: ToHistory, transfer: ArrayBuffer[] = []): void {
    this.#worker?.postMessage(message, transfer)
  }

  #answer(message: FromHistory): void {
    const { telemetry, health, onLost } = this.#deps
    switch (message.type) {
      case 'written': {
        const done = this.#waiting.shift()
        if (done === undefined) return
        this.#bytes -= done.bytes
        const { camera } = done.batch
        const frames = framesOf(done.batch)
        if (message.error === null) {
          const { vectors, thumbnails } = message
          telemetry.emit({ type: 'HistoryStored', camera, frames, vectors, thumbnails })
        } else {
          telemetry.emit({ type: 'HistorySkipped', camera, reason: 'disk', frames })
          onLost(camera)
        }
        const problem = message.error ?? message.problem
        if (problem === null) health.worked()
        else health.failed(new Error(problem))
        return
      }
      case 'measured':
        telemetry.emit({ type: 'HistoryMeasured', bytes: message.bytes })
        return
      case 'problem':
        health.failed(new Error(message.problem))
        return
      case 'closed':
        this.#onClosed?.()
    }
  }

  #fail(error: string): void {
    this.#worker = null
    this.#restartAt = performance.now() + RESTART_MS
    this.#lose(error)
  }

  #lose(error: string): void {
    const { telemetry, health, onLost } = this.#deps
    health.failed(new Error(error))
    for (const { batch } of this.#waiting.splice(0)) {
      telemetry.emit({ type: 'HistorySkipped', camera: batch.camera, reason: 'disk', frames: framesOf(batch) })
      onLost(batch.camera)
    }
    this.#bytes = 0
  }
}

export function framesOf({ signals }: Pick<HistoryBatch, 'signals'>): number {
  return signals.filter(({ kind }) => kind === 'frame').length
}

function bytesOf({ signals, vectors, pictures }: HistoryBatch): number {
  const images = pictures.map(({ image }) => ('jpeg' in image ? image.jpeg : image.pixels).length)
  return images.reduce((sum, bytes) => sum + bytes, vectors.byteLength + signals.length * SIGNAL_BYTES)
}

function after(ms: number): Promise<false> {
  return new Promise(resolve => setTimeout(() => resolve(false), ms).unref())
}
