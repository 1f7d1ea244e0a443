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
        judge: ended => {
          const { reason, detail } = explainEnding({ ...ended, socketTimeoutMs })
          throw new SourceLost(detail, { reason })
        },
      },
      signal,
    )
  const hand = ({ pixels, jpeg }: DecodedPicture) =>
    listener.subscriber.next({ capturedAt: Date.now(), pixels, size, jpeg })

  if (options.decode === 'auto')
    await whileKeyframesSuffice(signal => run(plan, signal), { hand, fps, stopping: listener.signal })
  if (listener.signal.aborted) return
  const whole = { ...plan, keyframesOnly: options.decode === 'keyframes' }
  for await (const picture of run(whole, listener.signal)) hand(picture)
}

interface Watching {
  readonly hand: (picture: DecodedPicture) => void
  readonly fps: number
  readonly stopping: AbortSignal
}

/** Hands over keyframes. Resolves as soon as they come too seldom, or all is stopped, once that ffmpeg is gone. */
async function whileKeyframesSuffice(
  run: (signal: AbortSignal) => AsyncIterable<DecodedPicture>,
  { hand, fps, stopping }: Watching,
): Promise<void> {
  const giveUp = new AbortController()
  let patience: NodeJS.Timeout | undefined
  let watch = NOTHING_SEEN
  try {
    for await (const picture of run(AbortSignal.any([stopping, giveUp.signal]))) {
      hand(picture)
      const [next, { enough }] = watchKeyframes(watch, Date.now(), fps)
      watch = next
      clearTimeout(patience)
      if (!enough) break
      patience = setTimeout(() => giveUp.abort(), patienceMs(fps))
    }
  } finally {
    clearTimeout(patience)
  }
}
