/** From a camera's config to its frames: which source, supervised. */

import type { Observable } from 'rxjs'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import type { DecodedImage, SourceDeps } from '../../sources/decodedImage.ts'
import { file } from '../../sources/file.ts'
import { images } from '../../sources/images.ts'
import { rtsp } from '../../sources/rtsp.ts'
import { type SourceKind, sourceKind } from '../../sources/sourceKind.ts'
import { supervise } from '../../sources/supervise.ts'
import type { Frame, Signal } from '../../types.ts'
import { WatchwordError } from '../../util/errors.ts'
import { imagePartsOf } from '../imagePartsOf.ts'

type Config = LoadedConfig['config']

/** Silence of an RTSP camera, unless `stall_timeout` allows more. */
const SILENCE_TIMEOUT_MS = 10_000

export interface CameraDeps extends SourceDeps {
  /** The configuration in force: a reload may have changed it. */
  readonly config: () => Config
  /** Side of the model’s square input, pixels. */
  readonly size: number
  /** Addresses of the demo's cameras by name. */
  readonly demo: Readonly<Record<string, string>>
}

/** Frames of a camera while there is a subscriber; the camera is opened again whenever it is lost. */
export function openCamera(name: string, deps: CameraDeps): Observable<Signal<Frame>> {
  const { fps, stall_timeout: stallTimeoutMs, frozen_after } = cameraOf(name, deps)
  const kind = kindOf(name, deps)
  const isLive = kind === 'rtsp'
  return supervise(
    stillWaiting => attempt(name, deps, stillWaiting),
    {
      camera: name,
      fps,
      stallTimeoutMs,
      // A recording may legitimately show the same image for a long time.
      frozenAfterMs: isLive ? frozen_after : null,
      clock: isLive ? 'wall' : 'frames',
    },
    { telemetry: deps.telemetry },
  )
}

function attempt(name: string, deps: CameraDeps, onWaiting: () => void): Observable<DecodedImage> {
  const config = deps.config()
  const camera = cameraOf(name, deps)
  const { url, fps, fit, hwaccel = config.ffmpeg.hwaccel ?? null, transport, decode } = camera
  const { stall_timeout: stallTimeoutMs, input_fps: inputFps = null } = camera
  const { enabled, long_side: longSide, quality } = config.snapshots
  const { history } = config
  const isPictured = enabled || config.mqtt?.snapshots !== false || (history.enabled && history.thumbnails)
  const snapshot = isPictured ? { longSide, quality } : null
  const parts = imagePartsOf(camera, deps.size)
  const common = { camera: name, fps, size: deps.size, fit, snapshot, hwaccel, ...parts }
  switch (kindOf(name, deps)) {
    case 'rtsp':
      return rtsp(
        {
          ...common,
          url: deps.demo[name] ?? url,
          transport,
          decode,
          silenceTimeoutMs: Math.max(SILENCE_TIMEOUT_MS, stallTimeoutMs),
          onWaiting,
        },
        deps,
      )
    case 'file':
      return file({ ...common, path: url, sampling: { fps }, realtime: true, inputFps }, deps)
    case 'images':
      return images({ ...common, path: url }, deps)
  }
}

function cameraOf(name: string, { config }: CameraDeps) {
  const camera = config().cameras[name]
  if (camera) return camera
  throw new WatchwordError(`There is no camera ${name} in the config any more`, { code: 'camera-unknown' })
}

function kindOf(name: string, deps: CameraDeps): SourceKind {
  const { type, url } = cameraOf(name, deps)
  return sourceKind(type, url)
}
