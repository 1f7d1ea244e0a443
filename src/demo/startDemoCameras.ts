/** Renders the demo cameras in a worker thread and serves them over RTSP, as real cameras would. */

import type { Worker } from 'node:worker_threads'
import { startWorker } from '../util/startWorker.ts'
import type { WorldOptions } from './world/world.ts'

export interface DemoCamera {
  /** Path under the server's address. */
  readonly name: string
  readonly world: WorldOptions
}

export interface DemoCamerasOptions {
  readonly cameras: readonly DemoCamera[]
  /** Frames per second of each camera; half of it for those that show a far scene. */
  readonly fps: number
  readonly ffmpegPath: string
  /** 0 chooses a free port. */
  readonly port: number
}

export interface DemoCameras {
  /** Camera name → rtsp:// address on loopback. */
  readonly urls: Readonly<Record<string, string>>
  /** Settles with the reason when the thread or an encoder ended unexpectedly; otherwise it never settles. */
  readonly failed: Promise<Error>
  /** Stops encoders and server; then the thread ends by itself. */
  close(): Promise<void>
}

/** Message of the worker thread. */
export interface DemoMessage {
  readonly type: 'serving'
  readonly urls: Readonly<Record<string, string>>
}

/** @throws when the thread cannot serve, with the reason. */
export async function startDemoCameras(options: DemoCamerasOptions): Promise<DemoCameras> {
  const worker = startWorker(new URL('./camerasWorker.ts', import.meta.url), import.meta.url, { workerData: options })
  let closing = false
  const exited = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  const failed = new Promise<Error>(resolve => {
    worker.once('error', resolve)
    worker.once(
      'exit',
      code => closing || resolve(new Error(`The thread of the demo cameras ended with exit code ${code}`)),
    )
  })
  const urls = await Promise.race([
    serving(worker),
    failed.then(error => {
      throw error
    }),
  ])
  return {
    urls,
    failed,
    async close() {
      closing = true
      worker.postMessage('close')
      await exited
    },
  }
}

function serving(worker: Worker): Promise<Readonly<Record<string, string>>> {
  return new Promise(resolve => {
    worker.once('message', ({ urls }: DemoMessage) => resolve(urls))
  })
}
