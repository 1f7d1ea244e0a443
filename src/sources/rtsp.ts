/** One connection to an RTSP camera: pictures as they arrive, until it is lost. Retrying is the supervisor's. */

import { Observable, type Subscriber } from 'rxjs'
import type { DecodedImage, SourceDeps } from './decodedImage.ts'
import { decode } from './ffmpeg/decode.ts'
import type { Fit } from './ffmpeg/filterGraph.ts'
import type { DecodePlan, Snapshot } from './ffmpeg/flags.ts'
import { openRelay, type Relay } from './rtsp/openRelay.ts'
import { explainEnding, SourceError } from './sourceErrors.ts'

export interface RtspOptions {
  /** For telemetry. */
  readonly camera: string
  /** rtsp:// or rtsps://, with user and password if the camera wants them. */
  readonly url: string
  /** `auto`: TCP, and UDP where the camera refuses TCP. */
  readonly transport: 'auto' | 'tcp' | 'udp'
  /** Pictures a second, above 0. */
  readonly fps: number
  /** Side of the square in pixels: the model's input. */
  readonly size: number
  readonly fit: Fit
  /** `auto` decodes everything until keyframes are seen to come as often as `fps`, and keyframes alone from then on. */
  readonly decode: 'auto' | 'all' | 'keyframes'
  /** null: no JPEGs. */
  readonly snapshot: Snapshot | null
  /** ffmpeg's -hwaccel; null: none. */
  readonly hwaccel: string | null
  /** Silence of a camera that has begun to send: after this long the attempt ends, ms. */
  readonly silenceTimeoutMs: number
  /** For each answer of the camera and for its first packet, ms. Default 30 000. */
  readonly startTimeoutMs?: number
  /** Called about once a second while there can be no picture yet: the camera starts, or a keyframe is awaited. */
  readonly onWaiting?: () => void
}

/**
 * Never completes: errors with `SourceError` when the connection ends, whatever ffmpeg's exit code, and with
 * `camera-url-invalid` for a URL that is none. Unsubscribing stops ffmpeg and ends the session at the camera.
 */
export function rtsp(options: RtspOptions, deps: SourceDeps): Observable<DecodedImage> {
  return new Observable(subscriber => {
    const stopping = new AbortController()
    watch(options, deps, { subscriber, signal: stopping.signal }).catch(error => subscriber.error(error))
    return () => stopping.abort()
  })
}

interface Listener {
  readonly subscriber: Subscriber<DecodedImage>
  readonly signal: AbortSignal
}

async function watch(options: RtspOptions, deps: SourceDeps, { subscriber, signal }: Listener): Promise<void> {
  const { camera, size, onWaiting = () => {} } = options
  const onSlow = (detail: string) => deps.telemetry.emit({ type: 'CameraSlow', camera, detail })
  const relay = await openRelay({ ...options, signal, onWaiting, onSlow })
  try {
    const pictures = decode(
      planOf(options, relay),
      {
        ffmpeg: deps.ffmpeg,
        redact: deps.redact,
        complain: (count, last) => deps.telemetry.emit({ type: 'DecodeErrors', camera, count, last }),
        judge: ended => {
          const lost = relay.lost()
          if (lost) throw lost
          const { detail, ...rest } = explainEnding(ended)
          throw new SourceError(detail, rest)
        },
      },
      signal,
    )
    for await (const { pixels, jpeg } of pictures) {
      relay.pictureCame()
      subscriber.next({ capturedAt: Date.now(), pixels, size, jpeg })
    }
  } finally {
    relay.close()
  }
}

function planOf(options: RtspOptions, { url, skipsInDecoder }: Relay): DecodePlan {
  const { fps, size, fit, snapshot, hwaccel } = options
  return {
    input: { kind: 'rtsp', url },
    sampling: { fps },
    size,
    fit,
    snapshot,
    hwaccel,
    keyframesOnly: skipsInDecoder,
    times: false,
    maxFrames: null,
  }
}
