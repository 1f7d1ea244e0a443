/** One connection to an RTSP camera: pictures as they arrive, until it is lost. Retrying is the supervisor's. */

import { Observable, type Subscriber } from 'rxjs'
import { parseCameraUrl, withAddress } from './address.ts'
import { type DecodedPicture, decode } from './ffmpeg/decode.ts'
import type { Fit } from './ffmpeg/filters.ts'
import type { DecodePlan, Snapshot } from './ffmpeg/flags.ts'
import { NOTHING_SEEN, patienceMs, watchKeyframes } from './keyframes.ts'
import { explainEnding, SourceLost } from './loss.ts'
import type { Picture, SourceDeps } from './picture.ts'

export interface RtspOptions {
  /** For telemetry. */
  readonly camera: string
  /** rtsp:// or rtsps://, with user and password if the camera wants them. */
  readonly url: string
  readonly transport: 'tcp' | 'udp'
  /** Pictures a second, above 0. */
  readonly fps: number
  /** Side of the square in pixels: the model's input. */
  readonly size: number
  readonly fit: Fit
  /** `auto` begins with keyframes and decodes everything when they come less often than `fps`. */
  readonly decode: 'auto' | 'all' | 'keyframes'
  /** null: no JPEGs. */
  readonly snapshot: Snapshot | null
  /** ffmpeg's -hwaccel; null: none. */
  readonly hwaccel: string | null
  /** Silence on the connection for this long ends the attempt, ms. */
  readonly socketTimeoutMs: number
}

/**
 * Never completes: errors with `SourceLost` when the connection ends, whatever ffmpeg's exit code, and with
 * `camera-url-invalid` for a URL that is none. Unsubscribing stops ffmpeg.
 */
export function rtsp(options: RtspOptions, deps: SourceDeps): Observable<Picture> {
  return new Observable(subscriber => {
    const stopping = new AbortController()
    connect(options, deps, { subscriber, signal: stopping.signal }).catch(error => subscriber.error(error))
    return () => stopping.abort()
  })
}

interface Listener {
  readonly subscriber: Subscriber<Picture>
  readonly signal: AbortSignal
}

async function connect(options: RtspOptions, deps: SourceDeps, listener: Listener): Promise<void> {
  const parsed = parseCameraUrl(options.url)
  const url = deps.ffmpeg.isStatic ? await withAddress(parsed) : parsed.href
  const { camera, transport, socketTimeoutMs, fps, size, fit, snapshot, hwaccel } = options
  const plan: DecodePlan = {
    input: { kind: 'rtsp', url, transport, socketTimeoutMs },
    sampling: { fps },
    size,
    fit,
    snapshot,
    hwaccel,
    keyframesOnly: options.decode !== 'all',
    times: false,
    maxFrames: null,
  }
  const run = (wanted: DecodePlan, signal: AbortSignal) =>
    decode(
      wanted,
      {
        ffmpeg: deps.ffmpeg,
        redact: deps.redact,
        complain: (count, last) => deps.telemetry.emit({ type: 'DecoderComplained', camera, count, last }),
      },
      signal,
    )
  const hand = ({ pixels, jpeg }: DecodedPicture) =>
    listener.subscriber.next({ capturedAt: Date.now(), pixels, size, jpeg })

  if (options.decode === 'auto' && !(await keyframesLast(fps, listener.signal, run.bind(null, plan), hand))) {
    if (listener.signal.aborted) return
    await handAll(run({ ...plan, keyframesOnly: false }, listener.signal), hand)
    return
  }
  if (options.decode !== 'auto') await handAll(run(plan, listener.signal), hand)
}

type Run = ReturnType<typeof decode>

/** Hands over pictures until ffmpeg ends, which is a loss. */
async function handAll(pictures: Run, hand: (picture: DecodedPicture) => void): Promise<never> {
  for (;;) {
    const next = await pictures.next()
    if (!next.done) hand(next.value)
    else {
      const { reason, detail } = explainEnding(next.value)
      throw new SourceLost(detail, { reason })
    }
  }
}

/** Hands over keyframes; false as soon as they come too seldom, once that ffmpeg is gone. */
async function keyframesLast(
  fps: number,
  stopping: AbortSignal,
  run: (signal: AbortSignal) => Run,
  hand: (picture: DecodedPicture) => void,
): Promise<boolean> {
  const giveUp = new AbortController()
  let patience: NodeJS.Timeout | undefined
  let watch = NOTHING_SEEN
  const watched = (picture: DecodedPicture) => {
    hand(picture)
    const [next, { enough }] = watchKeyframes(watch, Date.now(), fps)
    watch = next
    clearTimeout(patience)
    if (!enough) giveUp.abort()
    else if (!giveUp.signal.aborted) patience = setTimeout(() => giveUp.abort(), patienceMs(fps))
  }
  try {
    return await handAll(run(AbortSignal.any([stopping, giveUp.signal])), watched)
  } catch (error) {
    if (giveUp.signal.aborted) return false
    throw error
  } finally {
    clearTimeout(patience)
  }
}
