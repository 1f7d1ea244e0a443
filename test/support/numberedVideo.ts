/** A video whose pixels carry the place of each frame. */

import type { Frame, Signal } from '../../src/types.ts'
import { status } from './frames.ts'

/** @param fault thrown after the last frame */
export async function* numberedVideo(
  frames: number,
  secondsApart: number,
  fault: Error | null = null,
): AsyncGenerator<Signal<Frame>> {
  yield status('video', 0, 'online')
  for (let seq = 0; seq < frames; seq++) {
    const pixels = Uint8Array.of(seq % 256, Math.floor(seq / 256), 0)
    const capturedAt = seq * secondsApart * 1000
    yield {
      kind: 'frame',
      camera: 'video',
      seq,
      capturedAt,
      pixels,
      size: 1,
      jpeg: null,
      detail: null,
      zoneImages: new Map(),
      problem: null,
    }
  }
  if (fault !== null) throw fault
}

export function placeOf([low = 0, high = 0]: Uint8Array): number {
  return low + 256 * high
}
