/** Searches in a thread of its own, which starts with the first search and stays for the next ones. */

import type { Worker } from 'node:worker_threads'
import { startWorker } from '../util/startWorker.ts'
import type { SearchTask } from './createSearch.ts'
import type { HistoryHit, HistoryQuery } from './history.ts'
import type { SearchAnswer } from './searchWorker.ts'

export interface SearchThread {
  /** Rejects when files cannot be read, or the thread ends. */
  search(query: HistoryQuery): Promise<readonly HistoryHit[]>
  close(): Promise<void>
}

interface Asked {
  resolve(hits: readonly HistoryHit[]): void
  reject(error: Error): void
}

export function createSearchThread(task: SearchTask): SearchThread {
  const asked = new Map<number, Asked>()
  let worker: Worker | null = null
  let count = 0
  const fail = (error: Error) => {
    worker = null
    for (const { reject } of asked.values()) reject(error)
    asked.clear()
  }
  const start = (): Worker => {
    const made = startWorker(new URL('./searchWorker.ts', import.meta.url), import.meta.url, { workerData: task })
    made.on('message', (answer: SearchAnswer) => {
      const { resolve, reject } = asked.get(answer.id) ?? {}
      asked.delete(answer.id)
      // An idle thread keeps no process alive.
      if (asked.size === 0) made.unref()
      if ('hits' in answer) resolve?.(answer.hits)
      else reject?.(new Error(answer.error))
    })
    made.on('error', fail)
    made.on('exit', () => fail(new Error('the search was ended')))
    return made
  }
  return {
    search: query =>
      new Promise((resolve, reject) => {
        worker ??= start()
        worker.ref()
        asked.set(++count, { resolve, reject })
        worker.postMessage({ id: count, query })
      }),
    close: async () => void (await worker?.terminate()),
  }
}
