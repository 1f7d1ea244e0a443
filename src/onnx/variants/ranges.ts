/** Ranges of layer inputs, measured on real frames, and their quantization to unsigned bytes. */

/** Name of a value of the graph → its range. */
export type Ranges = ReadonlyMap<string, Range>

export interface Range {
  readonly min: number
  readonly max: number
}

/** Other frames may exceed the measured range. A wider one costs precision: 0.3 bits. */
const HEADROOM = 1.25

/** value ≈ (byte − zeroPoint) · scale. The range always includes 0, which is exact. */
export function quantizeRange({ min, max }: Range): { readonly scale: number; readonly zeroPoint: number } {
  const below = Math.max(0, -min) * HEADROOM
  const above = Math.max(0, max) * HEADROOM
  const scale = (below + above) / 255
  // All zeros: any scale will do.
  if (scale === 0) return { scale: 1, zeroPoint: 0 }
  return { scale, zeroPoint: Math.round(below / scale) }
}
