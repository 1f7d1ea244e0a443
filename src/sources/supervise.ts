/** Opens a camera's source, notices when it is lost, waits and opens it again. Only this module retries. */

import { asyncScheduler, defer, Observable, type SchedulerLike, Subscription } from 'rxjs'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { CameraStatus, Frame, LossReason, PictureProblem, Signal } from '../types.ts'
import { messageOf } from '../util/errors.ts'
import { type BackoffPolicy, backoffMs, DEFAULT_BACKOFF } from './backoffMs.ts'
import type { DecodedImage } from './decodedImage.ts'
import { imageHealthStep, NO_IMAGE } from './imageHealth.ts'
import { SourceError } from './sourceErrors.ts'

export interface SuperviseOptions {
  readonly camera: string
  /** Frames a second that the source was asked for: a slow camera does not count as stalled. Default 1. */
  readonly fps?: number
  /** No frame for this long, and no call of `stillWaiting`: lost by `timeout`, ms. At least 2.5/fps. Default 10 000. */
  readonly stallTimeoutMs?: number
  /** Byte-identical images for this long: `frozen`, ms; null: never. Default 60 000. */
  readonly frozenAfterMs?: number | null
  /** Frozen for this long in all: lost and opened again, ms; null: never. Default 300 000. */
  readonly reopenFrozenAfterMs?: number | null
  /** After frames for this long, earlier failures no longer count, ms. Default 10 000. */
  readonly settledAfterMs?: number
  readonly backoff?: BackoffPolicy
  /** `frames`: statuses carry the newest frame's time, as files need it. Default `wall`. */
  readonly clock?: 'wall' | 'frames'
}

export interface SuperviseDeps {
  readonly telemetry: Telemetry
  /** [0, 1). Default Math.random. */
  readonly random?: () => number
  /** Default asyncScheduler. */
  readonly scheduler?: SchedulerLike
  /** ms on a clock that never jumps. Default performance.now. */
  readonly now?: () => number
}

/**
 * ```
 * attempts  --a-b#            first attempt: two images, then lost
 *                    --c      second, after the back-off
 * supervise s-(oa)-b-(f)---s-(oc)      s connecting, o online, f offline
 * ```
 *
 * `seq` counts on over reconnects. Completes, after a status `ended`, when a source completes (a file's end); never
 * errors: an error of the source is a loss. Unsubscribing closes the source and every timer.
 * @param open makes one attempt when subscribed to. It may call `stillWaiting` as long as there can be no frame yet,
 *   while the camera starts for example: the time for the next frame begins again.
 */
export function supervise(
  open: (stillWaiting: () => void) => Observable<DecodedImage>,
  options: SuperviseOptions,
  deps: SuperviseDeps,
): Observable<Signal<Frame>> {
  const { camera, fps = 1, frozenAfterMs = 60_000, reopenFrozenAfterMs = 300_000 } = options
  const { settledAfterMs = 10_000, backoff = DEFAULT_BACKOFF, clock = 'wall' } = options
  const stallTimeoutMs = Math.max(options.stallTimeoutMs ?? 10_000, 2500 / fps)
  const { telemetry, random = Math.random, scheduler = asyncScheduler, now = () => performance.now() } = deps

  return new Observable(subscriber => {
    let seq = 0
    let failures = 0
    let problem: PictureProblem | null = null
    let newestAt: number | null = null
    let waiting = Subscription.EMPTY
    subscriber.add(() => waiting.unsubscribe())

    const emitStatus = (state: CameraStatus['state'], rest: Partial<CameraStatus> = {}) => {
      const at = clock === 'frames' && newestAt !== null ? newestAt : scheduler.now()
      const nothing = { reason: null, detail: null, retryInMs: null }
      subscriber.next({ kind: 'status', camera, at, state, problem, ...nothing, ...rest })
    }

    const attempt = () => {
      waiting.unsubscribe()
      let onlineSince: number | null = null
      let watch = NO_IMAGE
      let stall = Subscription.EMPTY
      const source = new Subscription()
      subscriber.add(source)

      const close = () => {
        stall.unsubscribe()
        source.unsubscribe()
        subscriber.remove(source)
      }
      const lose = (reason: LossReason, detail: string) => {
        close()
        if (onlineSince !== null && now() - onlineSince >= settledAfterMs) failures = 0
        failures++
        problem = null
        const retryInMs = backoffMs(backoff, reason, failures, random())
        telemetry.emit({ type: 'CameraLost', camera, reason, detail, retryInMs })
        waiting = scheduler.schedule(attempt, retryInMs)
        emitStatus('offline', { reason, detail, retryInMs })
      }
      const expectFrame = () => {
        stall.unsubscribe()
        const detail = `no frame for ${stallTimeoutMs / 1000} s; raise \`stall_timeout\` if the camera is that slow`
        stall = scheduler.schedule(() => lose('timeout', detail), stallTimeoutMs)
        source.add(stall)
      }
      const take = (image: DecodedImage) => {
        expectFrame()
        newestAt = image.capturedAt
        // A correction of the wall clock must not make a live image frozen, or hide that it is.
        const at = clock === 'frames' ? image.capturedAt : now()
        const seen = imageHealthStep(watch, { pixels: image.pixels, at, frozenAfterMs })
        watch = seen[0]
        const changed = seen[1].problem !== problem
        problem = seen[1].problem
        if (onlineSince === null) {
          onlineSince = now()
          telemetry.emit({ type: 'CameraConnected', camera, attempt: failures + 1 })
          emitStatus('online')
        } else if (changed) emitStatus('online')
        if (changed) telemetry.emit({ type: 'CameraProblemChanged', camera, problem })
        telemetry.emit({ type: 'FrameReceived', camera, capturedAt: image.capturedAt })
        subscriber.next({ kind: 'frame', camera, seq: seq++, problem, ...image })
        if (problem === 'frozen' && reopenFrozenAfterMs !== null && seen[1].sameForMs >= reopenFrozenAfterMs) {
          lose('frozen', `the image has not changed for ${Math.round(seen[1].sameForMs / 1000)} s`)
        }
      }

      telemetry.emit({ type: 'CameraConnecting', camera, attempt: failures + 1 })
      emitStatus('connecting')
      expectFrame()
      source.add(
        defer(() => open(() => source.closed || expectFrame())).subscribe({
          next: take,
          error: error => lose(error instanceof SourceError ? error.reason : 'crash', messageOf(error)),
          complete: () => {
            close()
            emitStatus('ended')
            subscriber.complete()
          },
        }),
      )
    }

    attempt()
  })
}
