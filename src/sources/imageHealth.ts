/** Sees when a picture is worthless although frames still arrive: frozen or dark. */

import { crc32 } from 'node:zlib'
import type { PictureProblem } from '../types.ts'

export interface ImageHealth {
  readonly checksum: number | null
  /** Since when the picture is the same, ms. */
  readonly since: number
}

export const NO_IMAGE: ImageHealth = { checksum: null, since: 0 }

/**
 * @param pixels uint8 RGB
 * @param at frame time, ms
 * @param frozenAfterMs byte-identical pictures for this long are frozen; null: a picture may stand still, and is not compared
 */
export function imageHealthStep(
  watch: ImageHealth,
  { pixels, at, frozenAfterMs }: { pixels: Uint8Array; at: number; frozenAfterMs: number | null },
): [ImageHealth, { problem: PictureProblem | null; sameForMs: number }] {
  // A checksum, not the picture: its buffer goes to the encoder and is gone.
  const checksum = frozenAfterMs === null ? null : crc32(pixels)
  const next = checksum !== null && checksum === watch.checksum ? watch : { checksum, since: at }
  const sameForMs = at - next.since
  const frozen = frozenAfterMs !== null && sameForMs >= frozenAfterMs
  // Dark first: a covered lens is byte-identical too, and the cover is what people look for.
  return [next, { problem: isDark(pixels) ? 'dark' : frozen ? 'frozen' : null, sameForMs }]
}

/** Video black is 16 in limited range, and a covered sensor adds noise. Of 255. */
const BLACK_BELOW = 28
/** A clock that the camera writes into the picture is not light. Share of samples that may be brighter. */
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
