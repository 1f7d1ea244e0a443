/** Async iteration that can be ended while its next item is awaited, and the same as an Observable. */

import { Observable } from 'rxjs'

/**
 * A generator's own `return()` waits until its pending `await` is over, for ever if that never comes.
 * Here it aborts the signal first.
 * @param start called at each iteration; must end soon after its signal aborts
 */
export function abortableIterable<T>(start: (signal: AbortSignal) => AsyncGenerator<T, void>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const stopping = new AbortController()
      const items = start(stopping.signal)
      return {
        next: () => items.next(),
        return: () => {
          stopping.abort()
          return items.return()
        },
      }
    },
  }
}

/** Emits as fast as the items come. Unsubscribing ends the iteration at once. */
export function fromIterable<T>(items: AsyncIterable<T>): Observable<T> {
  return new Observable(subscriber => {
    const iterator = items[Symbol.asyncIterator]()
    const read = async () => {
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) subscriber.next(next.value)
      subscriber.complete()
    }
    read().catch(error => subscriber.error(error))
    return () => {
      // What fails while it is being closed has nothing left to tell.
      iterator.return?.().catch(() => {})
    }
  })
}
