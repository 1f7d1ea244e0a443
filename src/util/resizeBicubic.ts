/** Scales an image with the antialiased bicubic filter of PIL and ffmpeg (Catmull-Rom, a = −0.5). */

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
  const columns = tapsOf(width, to)
  const rows = tapsOf(height, to)
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

/** The pixels that one pixel of the result is made of: consecutive ones from `start` on. */
interface Taps {
  readonly start: number
  /** Their sum is 1. */
  readonly weights: readonly number[]
}

function tapsOf(from: number, to: number): Taps[] {
  const scale = from / to
  // Scaling down, the filter gets wider, so that every pixel counts.
  const stretch = Math.max(1, scale)
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale
    const start = Math.max(0, Math.round(centre - 2 * stretch))
    const end = Math.min(from, Math.round(centre + 2 * stretch))
    const weights = Array.from({ length: end - start }, (_, k) => catmullRom((start + k + 0.5 - centre) / stretch))
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return { start, weights: weights.map(weight => weight / sum) }
  })
}

function catmullRom(x: number): number {
  const t = Math.abs(x)
  if (t >= 2) return 0
  return t < 1 ? (1.5 * t - 2.5) * t * t + 1 : ((-0.5 * t + 2.5) * t - 4) * t + 2
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
