/** Runs a step function with one state per camera, as smoothing and detection do. State lives in the subscription. */

import { Observable, type OperatorFunction } from 'rxjs'
import type { ScoredFrame, Signal } from '../types.ts'

export interface CameraStep<S, Out> {
  readonly initial: S
  /** Returns the state after the signal, and the signals to emit. */
  readonly step: (state: S, signal: Signal<ScoredFrame>) => readonly [S, readonly Out[]]
  /** Signals to emit when the source completes. */
  readonly finish?: (state: S) => readonly Out[]
}

export function perCamera<S, Out>({
  initial,
  step,
  finish,
}: CameraStep<S, Out>): OperatorFunction<Signal<ScoredFrame>, Out> {
  return source =>
    new Observable(subscriber => {
      const states = new Map<string, S>()
      return source.subscribe({
        next: signal => {
          const camera = signal.kind === 'status' ? signal.camera : signal.frame.camera
          const [state, outs] = step(states.get(camera) ?? initial, signal)
          states.set(camera, state)
          for (const out of outs) subscriber.next(out)
        },
        error: error => subscriber.error(error),
        complete: () => {
          for (const state of states.values()) for (const out of finish?.(state) ?? []) subscriber.next(out)
          subscriber.complete()
        },
      })
    })
}
