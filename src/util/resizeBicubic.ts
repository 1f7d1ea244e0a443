/** Scales an image with the antialiased bicubic filter of PIL and ffmpeg. */

import { bicubicTaps, type Taps } from './bicubicTaps.ts'

export interface ImageSize {
  readonly width: number
  readonly height: number
}

/**
 * @param to side of the square result in pixels; proportions are not kept
 * @returns [height, width, 4] uint8 RGBA → [to, to, 3] uint8 RGB
 */
export function resizeBicubic(
  { width, height }: ImageSize,
  to: number,
): (rgba: Uint8ClampedArray) => Uint8Array<ArrayBuffer> {
  const columns = bicubicTaps(width, to)
  const rows = bicubicTaps(height, to)
  const narrowed = new Float32Array(height * to * 3)
  return rgba => {
    for (let y = 0; y < height; y++) {
      for (const [x, taps] of columns.entries())
        weighted(rgba, (y * width + taps.start) * 4, 4, taps, narrowed, (y * to + x) * 3)
    }
    const result = new Uint8ClampedArray(to * to * 3)
    for (const [y, taps] of rows.entries()) {
      for (let x = 0; x < to; x++) weighted(narrowed, (taps.start * to + x) * 3, to * 3, taps, result, (y * to + x) * 3)
    }
    return new Uint8Array(result.buffer)
  }
}

/** Three channels of one pixel; `step` lies between the pixels that are summed. */
function weighted(
  from: Uint8ClampedArray | Float32Array,
  at: number,
  step: number,
  { weights }: Taps,
  to: Uint8ClampedArray | Float32Array,
  place: number,
): void {
  let [red, green, blue] = [0, 0, 0]
  for (let k = 0, i = at; k < weights.length; k++, i += step) {
    const weight = weights[k] as number
    red += weight * (from[i] as number)
    green += weight * (from[i + 1] as number)
    blue += weight * (from[i + 2] as number)
  }
  to[place] = red
  to[place + 1] = green
  to[place + 2] = blue
}
