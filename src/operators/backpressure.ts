/** Backpressure for readers that can wait. RxJS pushes and has no backpressure signal; a file reader needs one. */

import { Observable } from 'rxjs'

/** Held while enough frames wait for the encoder. Live cameras do not use it. */
export interface Backpressure {
  /** Resolves immediately, or as soon as more frames can be taken. */
  ready(): Promise<void>
  pause(): void
  resume(): void
}

export function createBackpressure(): Backpressure {
  let held: Promise<void> | null = null
  let open = () => {}
  return {
    ready: () => held ?? Promise.resolve(),
    pause() {
      held ??= new Promise(resolve => {
        open = resolve
      })
    },
    resume() {
      held = null
      open()
    },
  }
}

/** Reads one item after another, and none while reading is paused. Unsubscribing ends the iteration. */
export function readWithBackpressure<T>(items: AsyncIterable<T>, backpressure: Backpressure): Observable<T> {
  return new Observable(subscriber => {
    const iterator = items[Symbol.asyncIterator]()
    const read = async () => {
      while (!subscriber.closed) {
        await backpressure.ready()
        const next = await iterator.next()
        if (next.done) return subscriber.complete()
        subscriber.next(next.value)
      }
    }
    read().catch(error => subscriber.error(error))
    return () => {
      // Errors of a reader that is being closed no longer matter.
      iterator.return?.().catch(() => {})
    }
  })
}
