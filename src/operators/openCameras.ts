/** Opens and closes cameras as configured. A camera's failure does not affect other cameras. */

import { asyncScheduler, Observable, type OperatorFunction, Subscription } from 'rxjs'
import type { CameraStatus, Frame, Signal } from '../types.ts'
import { messageOf } from '../util/errors.ts'
import type { WatchedCamera, WatchState } from './watchState.ts'

interface Opened {
  readonly revision: string
  readonly subscription: Subscription
  /** Time of the newest signal, on the camera's own clock. */
  at: number | null
}

/**
 * ```
 * states   p-----q-------|      q: without camera a
 * openCameras                   a: --1--2--3--
 * signals  --1--2d              d: status `disabled`
 * ```
 *
 * A camera whose revision is new is closed and opened again. One that completed stays closed until it has been
 * disabled and enabled. An error becomes a status `offline`; retrying is not done here. Completes when there will be
 * no more states and every camera has completed.
 */
export function openCameras<T extends Frame>(
  open: (camera: WatchedCamera) => Observable<Signal<T>>,
): OperatorFunction<WatchState, Signal<T>> {
  return states$ =>
    new Observable(subscriber => {
      const cameras = new Map<string, Opened>()
      let isComplete = false

      const follow = (state: WatchState) => {
        const wanted = state.cameras.filter(({ enabled }) => enabled)
        for (const [name, opened] of cameras) {
          const isSame = wanted.some(({ camera, revision }) => camera === name && revision === opened.revision)
          if (!isSame) close(name, opened)
        }
        for (const camera of wanted) if (!cameras.has(camera.camera) && !subscriber.closed) start(camera)
      }

      const start = (camera: WatchedCamera) => {
        const opened: Opened = { revision: camera.revision, subscription: new Subscription(), at: null }
        cameras.set(camera.camera, opened)
        const over = () => {
          opened.subscription.unsubscribe()
          finish()
        }
        const source = open(camera).subscribe({
          next: signal => {
            opened.at = signal.kind === 'status' ? signal.at : signal.capturedAt
            subscriber.next(signal)
          },
          error: error => {
            subscriber.next(
              status(camera.camera, opened, { state: 'offline', reason: 'crash', detail: messageOf(error) }),
            )
            over()
          },
          complete: over,
        })
        opened.subscription.add(source)
      }

      const close = (name: string, opened: Opened) => {
        opened.subscription.unsubscribe()
        cameras.delete(name)
        subscriber.next(status(name, opened, { state: 'disabled', reason: null, detail: null }))
      }

      const finish = () => {
        if (isComplete && [...cameras.values()].every(({ subscription }) => subscription.closed)) subscriber.complete()
      }

      subscriber.add(() => {
        for (const { subscription } of cameras.values()) subscription.unsubscribe()
      })
      subscriber.add(
        states$.subscribe({
          next: follow,
          error: error => subscriber.error(error),
          complete: () => {
            isComplete = true
            finish()
          },
        }),
      )
    })
}

function status(camera: string, { at }: Opened, what: Pick<CameraStatus, 'state' | 'reason' | 'detail'>): CameraStatus {
  return { kind: 'status', camera, at: at ?? asyncScheduler.now(), problem: null, retryInMs: null, ...what }
}
