/** Async iteration that can be ended while its next item is awaited. */

/**
 * A generator's own `return()` waits until its pending `await` is over, for ever if that never comes.
 * Here it aborts the signal first.
 * @param start called at each iteration; must end soon after its signal aborts
 */
export function stoppable<T>(start: (signal: AbortSignal) => AsyncGenerator<T, void>): AsyncIterable<T> {
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
