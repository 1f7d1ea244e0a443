/** Starts worker threads from TypeScript in a checkout and from JavaScript in dist alike. */

import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * @param url of the worker's file as written in the source: `new URL('./encoderWorker.ts', import.meta.url)`.
 *   In dist the compiler has not touched this string, so the ending is chosen here, from the caller's own.
 * @param caller the caller's `import.meta.url`
 */
export function startWorker(url: URL, caller: string, options: WorkerOptions = {}): Worker {
  if (!caller.endsWith('.ts')) return new Worker(new URL(url.href.replace(/\.ts$/, '.js')), options)
  // On Node 20 `--import tsx` among a worker's execArgv does not reach its entry file: the entry registers tsx itself.
  const entry = `import { register } from '${import.meta.resolve('tsx/esm/api')}'; register(); await import('${url.href}')`
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(entry)}`), options)
}
