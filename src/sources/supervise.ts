/** Opens a camera's source, notices when it is lost, waits and opens it again. Only this module retries. */

import { asyncScheduler, defer, Observable, type SchedulerLike, type Subscriber, Subscription } from 'rxjs'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { CameraStatus, Frame, ImageProblem, LossReason, Signal } from '../types.ts'
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
export function supervise(open: Open, options: SuperviseOptions, deps: SuperviseDeps): Observable<Signal<Frame>> {
  const settings = settingsOf(options, deps)
  return new Observable(subscriber => {
    new Supervision(open, settings, subscriber).attempt()
  })
}

type Open = (stillWaiting: () => void) => Observable<DecodedImage>

type Settings = ReturnType<typeof settingsOf>

function settingsOf(options: SuperviseOptions, deps: SuperviseDeps) {
  const { camera, fps = 1, frozenAfterMs = 60_000, reopenFrozenAfterMs = 300_000 } = options
  const { settledAfterMs = 10_000, backoff = DEFAULT_BACKOFF, clock = 'wall' } = options
  const stallTimeoutMs = Math.max(options.stallTimeoutMs ?? 10_000, 2500 / fps)
  const { telemetry, random = Math.random, scheduler = asyncScheduler, now = () => performance.now() } = deps
  return {
    camera,
    stallTimeoutMs,
    frozenAfterMs,
    reopenFrozenAfterMs,
    settledAfterMs,
    backoff,
    clock,
    telemetry,
    random,
    scheduler,
    now,
  }
}

/** One subscription: the state that its attempts share. */
class Supervision {
  readonly open: Open
  readonly settings: Settings
  readonly subscriber: Subscriber<Signal<Frame>>
  problem: ImageProblem | null = null
  newestAt: number | null = null
  #seq = 0
  #failures = 0
  #waiting = Subscription.EMPTY

  constructor(open: Open, settings: Settings, subscriber: Subscriber<Signal<Frame>>) {
    this.open = open
    this.settings = settings
    this.subscriber = subscriber
    subscriber.add(() => this.#waiting.unsubscribe())
  }

  attempt(): void {
    this.#waiting.unsubscribe()
    new Attempt(this).start()
  }

  /** The number of the current attempt since the source was last settled. From 1. */
  get attemptNumber(): number {
    return this.#failures + 1
  }

  emitStatus(state: CameraStatus['state'], rest: Partial<CameraStatus> = {}): void {
    const { camera, clock, scheduler } = this.settings
    const at = clock === 'frames' && this.newestAt !== null ? this.newestAt : scheduler.now()
    const nothing = { reason: null, detail: null, retryInMs: null }
    this.subscriber.next({ kind: 'status', camera, at, state, problem: this.problem, ...nothing, ...rest })
  }

  emitFrame(image: DecodedImage): void {
    const { camera, telemetry } = this.settings
    telemetry.emit({ type: 'FrameReceived', camera, capturedAt: image.capturedAt })
    this.subscriber.next({ kind: 'frame', camera, seq: this.#seq++, problem: this.problem, ...image })
  }

  /** After its source was closed. */
  retryLater(reason: LossReason, detail: string, wasSettled: boolean): void {
    const { camera, telemetry, backoff, random, scheduler } = this.settings
    if (wasSettled) this.#failures = 0
    this.#failures++
    this.problem = null
    const retryInMs = backoffMs(backoff, reason, this.#failures, random())
    telemetry.emit({ type: 'CameraLost', camera, reason, detail, retryInMs })
    this.#waiting = scheduler.schedule(() => this.attempt(), retryInMs)
    this.emitStatus('offline', { reason, detail, retryInMs })
  }

  end(): void {
    this.emitStatus('ended')
    this.subscriber.complete()
  }
}

/** One attempt: the source from its opening until it is lost or ends. */
class Attempt {
  readonly #supervision: Supervision
  readonly #source = new Subscription()
  #onlineSince: number | null = null
  #watch = NO_IMAGE
  #stall = Subscription.EMPTY

  constructor(supervision: Supervision) {
    this.#supervision = supervision
    supervision.subscriber.add(this.#source)
  }

  start(): void {
    const { open, settings, attemptNumber } = this.#supervision
    settings.telemetry.emit({ type: 'CameraConnecting', camera: settings.camera, attempt: attemptNumber })
    this.#supervision.emitStatus('connecting')
    this.#expectFrame()
    this.#source.add(
      defer(() => open(() => this.#source.closed || this.#expectFrame())).subscribe({
        next: image => this.#take(image),
        error: error => this.#lose(error instanceof SourceError ? error.reason : 'crash', messageOf(error)),
        complete: () => {
          this.#close()
          this.#supervision.end()
        },
      }),
    )
  }

  #close(): void {
    this.#stall.unsubscribe()
    this.#source.unsubscribe()
    this.#supervision.subscriber.remove(this.#source)
  }

  #lose(reason: LossReason, detail: string): void {
    const { now, settledAfterMs } = this.#supervision.settings
    this.#close()
    const wasSettled = this.#onlineSince !== null && now() - this.#onlineSince >= settledAfterMs
    this.#supervision.retryLater(reason, detail, wasSettled)
  }

  #expectFrame(): void {
    const { scheduler, stallTimeoutMs } = this.#supervision.settings
    this.#stall.unsubscribe()
    const detail = `no frame for ${stallTimeoutMs / 1000} s; raise \`stall_timeout\` if the camera is that slow`
    this.#stall = scheduler.schedule(() => this.#lose('timeout', detail), stallTimeoutMs)
    this.#source.add(this.#stall)
  }

  #take(image: DecodedImage): void {
    this.#expectFrame()
    this.#supervision.newestAt = image.capturedAt
    const { sameForMs, changed } = this.#watchImage(image)
    this.#reportOnline(changed)
    this.#supervision.emitFrame(image)
    const { reopenFrozenAfterMs } = this.#supervision.settings
    if (this.#supervision.problem === 'frozen' && reopenFrozenAfterMs !== null && sameForMs >= reopenFrozenAfterMs) {
      this.#lose('frozen', `the image has not changed for ${Math.round(sameForMs / 1000)} s`)
    }
  }

  #watchImage({ pixels, capturedAt }: DecodedImage): { sameForMs: number; changed: boolean } {
    const { clock, now, frozenAfterMs } = this.#supervision.settings
    // A correction of the wall clock must not make a live image frozen, or hide that it is.
    const at = clock === 'frames' ? capturedAt : now()
    const [watch, { problem, sameForMs }] = imageHealthStep(this.#watch, { pixels, at, frozenAfterMs })
    this.#watch = watch
    const changed = problem !== this.#supervision.problem
    this.#supervision.problem = problem
    return { sameForMs, changed }
  }

  #reportOnline(changed: boolean): void {
    const { camera, telemetry, now } = this.#supervision.settings
    const { attemptNumber, problem } = this.#supervision
    if (this.#onlineSince === null) {
      this.#onlineSince = now()
      telemetry.emit({ type: 'CameraConnected', camera, attempt: attemptNumber })
      this.#supervision.emitStatus('online')
    } else if (changed) this.#supervision.emitStatus('online')
    if (changed) telemetry.emit({ type: 'CameraProblemChanged', camera, problem })
  }
}
