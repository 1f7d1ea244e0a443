/** Detects a frozen or dark image while frames still arrive. */

import { crc32 } from 'node:zlib'
import type { ImageProblem } from '../types.ts'

export interface ImageHealth {
  readonly checksum: number | null
  /** Since when the image is the same, ms. */
  readonly since: number
}

export const NO_IMAGE: ImageHealth = { checksum: null, since: 0 }

/**
 * @param pixels uint8 RGB
 * @param at frame time, ms
 * @param frozenAfterMs byte-identical images for this long are frozen; null: images are not compared
 */
export function imageHealthStep(
  watch: ImageHealth,
  { pixels, at, frozenAfterMs }: { pixels: Uint8Array; at: number; frozenAfterMs: number | null },
): [ImageHealth, { problem: ImageProblem | null; sameForMs: number }] {
  // A checksum, because the image's buffer is handed over to the encoder.
  const checksum = frozenAfterMs === null ? null : crc32(pixels)
  const next = checksum !== null && checksum === watch.checksum ? watch : { checksum, since: at }
  const sameForMs = at - next.since
  const frozen = frozenAfterMs !== null && sameForMs >= frozenAfterMs
  // Dark first: a covered lens is byte-identical too, and `dark` tells more about the cause.
  return [next, { problem: isDark(pixels) ? 'dark' : frozen ? 'frozen' : null, sameForMs }]
}

/** Video black is 16 in limited range, and a covered sensor adds noise. Of 255. */
const BLACK_BELOW = 28
/** Share of samples that may be brighter: the camera may write a clock into the image. */
const BRIGHT_SHARE = 0.005
/** Bytes between samples: coprime with 3, so that all channels are looked at. */
const STRIDE = 7

function isDark(pixels: Uint8Array): boolean {
  const allowed = Math.floor((pixels.length / STRIDE) * BRIGHT_SHARE)
  let bright = 0
  for (let i = 0; i < pixels.length; i += STRIDE) {
    if ((pixels[i] as number) >= BLACK_BELOW && ++bright > allowed) return false
  }
  return true
}
