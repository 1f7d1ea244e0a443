/** Answers snapshot requests with the camera's next frame. */

import { Observable, type OperatorFunction } from 'rxjs'
import type { Outcome } from '../types.ts'
import type { Command } from './watchState.ts'

type Request = Extract<Command, { type: 'snapshot' }>

/** Requests that may wait, over all cameras; beyond that the oldest is dropped. */
const MOST_REQUESTS = 64

/** Passes every outcome on unchanged. A request for a camera that sends nothing waits until it does. */
export function answerSnapshots(commands$: Observable<Command>): OperatorFunction<Outcome, Outcome> {
  return source =>
    new Observable(subscriber => {
      let requests: readonly Request[] = []
      subscriber.add(
        commands$.subscribe({
          next: command => {
            if (command.type === 'snapshot') requests = [...requests, command].slice(-MOST_REQUESTS)
          },
          // The pipeline's own subscription to these commands reports the error.
          error: () => {},
        }),
      )
      subscriber.add(
        source.subscribe({
          next: outcome => {
            if (outcome.kind === 'frame' && requests.length > 0) {
              const { camera, capturedAt: at, jpeg } = outcome.frame
              const answered = requests.filter(request => request.camera === camera)
              requests = requests.filter(request => request.camera !== camera)
              for (const { deliver } of answered) deliver({ camera, at, jpeg })
            }
            subscriber.next(outcome)
          },
          error: error => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      )
    })
}
