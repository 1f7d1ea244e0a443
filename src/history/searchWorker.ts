/** The thread of a search. */

import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../util/errors.ts'
import { createSearch, type SearchTask } from './createSearch.ts'
import type { HistoryHit, HistoryQuery } from './history.ts'

export type SearchAnswer =
  | { readonly id: number; readonly hits: readonly HistoryHit[] }
  | { readonly id: number; readonly error: string }

const search = createSearch(workerData as SearchTask)

parentPort?.on('message', ({ id, query }: { id: number; query: HistoryQuery }) => {
  parentPort?.postMessage(answer(id, query))
})

function answer(id: number, query: HistoryQuery): SearchAnswer {
  try {
    return { id, hits: search.search(query) }
  } catch (error) {
    return { id, error: messageOf(error) }
  }
}
