/** The way back for readers that can wait. RxJS pushes and has no demand signal; a file's reader needs one. */

import { Observable } from 'rxjs'

/** Held while enough waits for the encoder. Live cameras never look at it. */
export interface Demand {
  /** Resolves at once, or when the flow can take more. */
  ready(): Promise<void>
  hold(): void
  release(): void
}

export function createDemand(): Demand {
  let held: Promise<void> | null = null
  let open = () => {}
  return {
    ready: () => held ?? Promise.resolve(),
    hold() {
      held ??= new Promise(resolve => {
        open = resolve
      })
    },
    release() {
      held = null
      open()
    },
  }
}

/** Reads one item after the other, and none while the demand is held. Unsubscribing ends the iteration. */
export function readOnDemand<T>(items: AsyncIterable<T>, demand: Demand): Observable<T> {
  return new Observable(subscriber => {
    const iterator = items[Symbol.asyncIterator]()
    const read = async () => {
      while (!subscriber.closed) {
        await demand.ready()
        const next = await iterator.next()
        if (next.done) return subscriber.complete()
        subscriber.next(next.value)
      }
    }
    read().catch(error => subscriber.error(error))
    return () => {
      // A reader that fails while it is being closed has nothing left to tell.
      iterator.return?.().catch(() => {})
    }
  })
}
