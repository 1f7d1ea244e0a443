/** Reads a folder of images as a video, `fps` images a second. */

import type { Frame, Signal } from '../types.ts'
import type { SourceDeps } from './decodedImage.ts'
import { imageHealthStep, NO_IMAGE } from './imageHealth.ts'
import { type ImagesOptions, readImages } from './images.ts'

export interface FolderOptions extends Omit<ImagesOptions, 'startAt'> {
  /** Every n-th image; their times stay. */
  readonly everyNth: number
  /** null: all. */
  readonly maxFrames: number | null
}

/** `online`, every frame, `ended`, as `readFile`. @throws as `readImages` */
export async function* readFolder(options: FolderOptions, deps: SourceDeps): AsyncGenerator<Signal<Frame>, void> {
  const { camera, everyNth, maxFrames } = options
  const status = { kind: 'status', camera, problem: null, reason: null, detail: null, retryInMs: null } as const
  let index = 0
  let seq = 0
  let at = 0
  for await (const image of readImages(options, deps)) {
    if (index++ % everyNth !== 0) continue
    at = image.capturedAt
    if (seq === 0) yield { ...status, at, state: 'online' }
    const { problem } = imageHealthStep(NO_IMAGE, { pixels: image.pixels, at, frozenAfterMs: null })[1]
    deps.telemetry.emit({ type: 'FrameReceived', camera, capturedAt: at })
    yield { kind: 'frame', camera, seq: seq++, problem, ...image }
    if (seq === maxFrames) break
  }
  yield { ...status, at, state: 'ended' }
}
