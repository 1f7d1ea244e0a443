/** The worker's side of `startNativeWorker.ts`: every call of onnxruntime goes through `native()`. */

import { workerData } from 'node:worker_threads'

/** Places in the shared state: how many native calls run, and whether the thread must end. */
export const RUNNING = 0
export const STOPPING = 1

export interface NativeWorkerData {
  readonly task: unknown
  readonly state: Int32Array
}

/** To be called first in the worker's file: its imports are loaded then. */
export function nativeTask<T>(): T {
  const { task } = workerData as NativeWorkerData
  leave()
  return task as T
}

/** Runs a call of onnxruntime. A thread that must end does so before the call or right after it. */
export async function native<T>(call: () => Promise<T>): Promise<T> {
  const { state } = workerData as NativeWorkerData
  Atomics.add(state, RUNNING, 1)
  if (Atomics.load(state, STOPPING) === 1) {
    leave()
    return new Promise(() => {}) // the thread ends
  }
  try {
    return await call()
  } finally {
    leave()
  }
}

function leave(): void {
  const { state } = workerData as NativeWorkerData
  const others = Atomics.sub(state, RUNNING, 1) - 1
  if (others > 0) return
  Atomics.notify(state, RUNNING)
  if (Atomics.load(state, STOPPING) === 1) process.exit(0) // ends this thread only
}
