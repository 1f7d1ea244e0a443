/**
 * Worker threads that run onnxruntime, ended without an abort.
 *
 * Native code can not be interrupted. When a thread is terminated meanwhile (by `terminate()`, or because the process
 * exits), the call into JavaScript that follows fails, onnxruntime's binding throws `Napi::Error` where nothing catches
 * it, and the whole process is aborted. So each thread counts its native calls where the main thread can see it, and
 * no thread ends while one runs. docs/decisions/0004-ending-native-threads.md
 */

import type { Worker, WorkerOptions } from 'node:worker_threads'
import { killProcess } from './exitProcess.ts'
import { type NativeWorkerData, RUNNING, STOPPING } from './nativeCalls.ts'
import { startWorker } from './startWorker.ts'

/** How long an exiting process waits for native calls. Then it is killed: that is quieter than an abort. */
const EXIT_TIMEOUT_MS = 900

const alive = new Map<Worker, Int32Array>()
let isExiting = false

/** As `startWorker`; in the worker `nativeTask()` returns this `task`. */
export function startNativeWorker(url: URL, caller: string, task: unknown, options: WorkerOptions = {}): Worker {
  const state = new Int32Array(new SharedArrayBuffer(8))
  // Loading onnxruntime is native code, too: `nativeTask()` ends this call.
  state[RUNNING] = 1
  const worker = startWorker(url, caller, { ...options, workerData: { task, state } satisfies NativeWorkerData })
  if (alive.size === 0) process.on('exit', waitAtExit)
  alive.set(worker, state)
  worker.once('exit', () => {
    alive.delete(worker)
    if (alive.size === 0) process.off('exit', waitAtExit)
  })
  return worker
}

/**
 * Ends the thread at once, or when its native call returns. Resolves when it has ended.
 * A call that never returns keeps the thread: it does nothing any more, but it holds its memory.
 */
export async function stopNativeWorker(worker: Worker): Promise<void> {
  const state = alive.get(worker)
  if (state === undefined) return
  const exited = new Promise(resolve => worker.once('exit', resolve))
  Atomics.store(state, STOPPING, 1)
  // A thread that enters native code from now on sees STOPPING first and ends by itself.
  if (Atomics.load(state, RUNNING) === 0) await worker.terminate()
  await exited
}

/** Node terminates all threads when the process exits, for any reason. `exit` listeners must be synchronous. */
function waitAtExit(code: number): void {
  if (isExiting) return
  isExiting = true
  const until = performance.now() + EXIT_TIMEOUT_MS
  for (const state of alive.values()) Atomics.store(state, STOPPING, 1)
  for (const state of alive.values()) if (!isIdleBy(state, until)) killProcess(code)
}

function isIdleBy(state: Int32Array, until: number): boolean {
  for (;;) {
    const running = Atomics.load(state, RUNNING)
    if (running === 0) return true
    const left = until - performance.now()
    if (left <= 0) return false
    Atomics.wait(state, RUNNING, running, left)
  }
}
