/** Takes one image of a camera as `run` sees it: the same source, the same masks. */

import { concatMap, EMPTY, firstValueFrom, type Observable, of, throwError, timeout } from 'rxjs'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import type { SourceDeps } from '../../sources/decodedImage.ts'
import { SourceError } from '../../sources/sourceErrors.ts'
import type { Frame, Signal } from '../../types.ts'
import { openCamera } from '../run/openCamera.ts'

type Config = LoadedConfig['config']

export interface CameraImageDeps extends SourceDeps {
  /** Addresses of the demo's cameras by name. */
  readonly demo: Readonly<Record<string, string>>
}

/** Longer side, pixels, and ffmpeg's -q:v. */
const SNAPSHOT = { enabled: true, long_side: 1280, quality: 2 }
/** The image at the model's size is not used, so that no model is needed. */
const SIZE = 224
/** Connecting, and the wait for a keyframe. */
const TIMEOUT_MS = 60_000

/** @returns a JPEG. @throws SourceError when the camera is lost before its first image */
export function cameraImage(camera: string, config: Config, deps: CameraImageDeps): Promise<Uint8Array> {
  const snapshots = { ...config.snapshots, ...SNAPSHOT }
  const signals$ = openCamera(camera, { ...deps, config: () => ({ ...config, snapshots }), size: SIZE })
  const late = () => throwError(() => noImage(`none came in ${TIMEOUT_MS / 1000} s`))
  return firstValueFrom(signals$.pipe(concatMap(jpegOf), timeout({ first: TIMEOUT_MS, with: late })))
}

/** The supervisor would try again and again: the first loss is an answer. */
function jpegOf(signal: Signal<Frame>): Observable<Uint8Array> {
  if (signal.kind === 'frame') return signal.jpeg === null ? EMPTY : of(signal.jpeg)
  if (signal.state !== 'offline' && signal.state !== 'ended') return EMPTY
  return throwError(() => noImage(signal.detail ?? 'the camera was lost'))
}

function noImage(why: string): SourceError {
  return new SourceError(`No image of the camera: ${why}`, { reason: 'timeout' })
}
