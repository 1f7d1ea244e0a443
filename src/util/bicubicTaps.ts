/** The antialiased bicubic filter (Catmull-Rom, a = −0.5) of PIL, ffmpeg and PyTorch in one dimension. */

/** What one value of the result is made of: consecutive values from `start` on. */
export interface Taps {
  readonly start: number
  /** Their sum is 1. */
  readonly weights: readonly number[]
}

/** For each of `to` values, the taps in `from` values. */
export function bicubicTaps(from: number, to: number): Taps[] {
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
