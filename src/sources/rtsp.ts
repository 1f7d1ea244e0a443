/** One connection to an RTSP camera: frames as they arrive, until it is lost. Only the supervisor retries. */

import { Observable, type Subscriber } from 'rxjs'
import type { DecodedImage, SourceDeps } from './decodedImage.ts'
import { decode } from './ffmpeg/decode.ts'
import type { Fit } from './ffmpeg/filterGraph.ts'
import type { DecodePlan, Snapshot } from './ffmpeg/flags.ts'
import { type ImageParts, imageParts } from './imageParts.ts'
import { openRelay, type Relay } from './rtsp/openRelay.ts'
import { explainEnding, SourceError } from './sourceErrors.ts'

export interface RtspOptions extends ImageParts {
  /** For telemetry. */
  readonly camera: string
  /** rtsp:// or rtsps://, with user and password if the camera wants them. */
  readonly url: string
  /** `auto`: TCP, and UDP where the camera refuses TCP. */
  readonly transport: 'auto' | 'tcp' | 'udp'
  /** Frames a second, above 0. */
  readonly fps: number
  /** Side of the square in pixels: the model's input. */
  readonly size: number
  readonly fit: Fit
  /** `auto` decodes everything until keyframes have come as often as `fps`, and only keyframes from then on. */
  readonly decode: 'auto' | 'all' | 'keyframes'
  /** null: no JPEGs. */
  readonly snapshot: Snapshot | null
  /** ffmpeg's -hwaccel; null: none. */
  readonly hwaccel: string | null
  /** Silence of a camera that has begun to send: after this long the attempt ends, ms. */
  readonly silenceTimeoutMs: number
  /** For each answer of the camera and for its first packet, ms. Default 30 000. */
  readonly startTimeoutMs?: number
  /** Called about once a second while no frame can come yet: the camera starts, or the next keyframe is far. */
  readonly onWaiting?: () => void
}

/**
 * Never completes: errors with `SourceError` when the connection ends, whatever ffmpeg's exit code, and with
 * `camera-url-invalid` for an invalid URL. Unsubscribing stops ffmpeg and ends the session at the camera.
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
    const frames = decode(
      planOf(options, relay),
      {
        ffmpeg: deps.ffmpeg,
        redact: deps.redact,
        onDecodeErrors: (count, last) => deps.telemetry.emit({ type: 'DecodeErrors', camera, count, last }),
        onEnd: ended => {
          const lost = relay.lost()
          if (lost) throw lost
          const { detail, ...rest } = explainEnding(ended)
          throw new SourceError(detail, rest)
        },
      },
      signal,
    )
    for await (const { timeMs: _, ...image } of frames) {
      relay.frameCame()
      subscriber.next({ capturedAt: Date.now(), size, ...image })
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
    ...imageParts(options),
  }
}
