/** The pipeline: cameras in, events out. Wiring only; everything with side effects comes in as `deps`. */

import { defer, from, isObservable, type Observable, scan, startWith, takeUntil, tap } from 'rxjs'
import { answerSnapshots } from './operators/answerSnapshots.ts'
import { createBackpressure, readWithBackpressure } from './operators/backpressure.ts'
import { decide, type EventOdds } from './operators/decide.ts'
import { embedEvery } from './operators/embedEvery.ts'
import { embedLatest } from './operators/embedLatest.ts'
import { markStill } from './operators/markStill.ts'
import { openCameras } from './operators/openCameras.ts'
import { report } from './operators/report.ts'
import { NO_MEMORY, type QuietMemory } from './operators/score.ts'
import { applyCommand, type Command, type WatchedCamera, type WatchState } from './operators/watchState.ts'
import type { Telemetry } from './telemetry/internalEvents.ts'
import type { EncodedFrame, Encoder, Frame, Outcome, Signal } from './types.ts'

export interface PipelineOptions {
  /** What to watch from the start; `commands$` changes it. */
  readonly watchState: WatchState
  readonly scoring: 'two-way' | 'softmax'
  readonly maxBatch: number
  /** Live: a batch starts when its oldest frame has waited this long. */
  readonly maxQueueDelayMs: number
  /** Files: nothing is dropped, readers wait, and the same input yields the same events. */
  readonly lossless: boolean
  /** New peaks of an open event are published at most this often. */
  readonly updateEveryMs: number
  /** After a longer gap between frames, open events end and state starts again. */
  readonly gapMs: number
}

export interface PipelineDeps {
  /** Live cameras push and retry on their own; files are iterated, so that they can wait. */
  readonly open: (camera: WatchedCamera) => Observable<Signal<Frame>> | AsyncIterable<Signal<Frame>>
  readonly encoder: Encoder
  readonly telemetry: Telemetry
  /** What each camera's images taught about its events; it learns while the pipeline runs. Default: NO_MEMORY. */
  readonly memory?: QuietMemory
  /** Sees every encoded frame and every status before they are scored, in order per camera. It must not throw. */
  readonly onEncoded?: (signal: Signal<EncodedFrame>) => void
  /** The probability that an event is right, from answers. Default: unknown. */
  readonly odds?: EventOdds
  /** Hot: commands before the subscription are not seen. `EMPTY` if nothing changes at run time. */
  readonly commands$: Observable<Command>
  /** Its first value closes the cameras; frames that were received are still encoded, and open events end. */
  readonly stop$: Observable<unknown>
}

/** Completes when every camera and the commands have completed, or after `stop$`. An error is a bug. */
export function pipeline(options: PipelineOptions, deps: PipelineDeps): Observable<Outcome> {
  const { maxBatch, maxQueueDelayMs, updateEveryMs, gapMs } = options
  const { encoder, telemetry, memory = NO_MEMORY, commands$, stop$ } = deps

  return defer(() => {
    let watchState = options.watchState
    const backpressure = options.lossless ? createBackpressure() : null
    const open = (camera: WatchedCamera) => {
      const frames = deps.open(camera)
      const paced$ = isObservable(frames) || !backpressure ? from(frames) : readWithBackpressure(frames, backpressure)
      return paced$.pipe(markStill(camera.motion, camera.views))
    }
    const embed = backpressure
      ? embedEvery(encoder, { maxBatch, backpressure }, telemetry)
      : embedLatest(encoder, { maxBatch, maxQueueDelayMs }, telemetry)
    const watchState$ = commands$.pipe(
      scan(applyCommand, watchState),
      startWith(watchState),
      tap(changed => {
        watchState = changed
      }),
    )

    return watchState$.pipe(
      openCameras(open),
      takeUntil(stop$), // before the encoder: later stages drain, and open events get their `end`
      embed,
      tap(signal => deps.onEncoded?.(signal)),
      decide({
        watchState: () => watchState,
        scoring: options.scoring,
        memory,
        updateEveryMs,
        gapMs,
        ...(deps.odds && { odds: deps.odds }),
      }),
      answerSnapshots(commands$),
      report(telemetry),
    )
  })
}
