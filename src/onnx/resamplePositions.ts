/** Fits a table of positions to another number of patches, as open_clip and timm do: bicubic, antialiased. */

import { bicubicTaps } from '../util/bicubicTaps.ts'
import { floatsOf, lazyTensor, type Tensor } from './tensor.ts'

export interface Grid {
  /** Patches per side of the result. */
  readonly side: number
  /** Positions before those of the patches, which are kept: 1 for a class token. */
  readonly others: number
}

/** [others + n², width] → [others + side², width] */
export function resamplePositions(table: Tensor, { side, others }: Grid): Tensor {
  const [count, width] = table.dims as [number, number]
  const own = Math.sqrt(count - others)
  const taps = bicubicTaps(own, side)
  return lazyTensor('float32', [others + side * side, width], () => {
    const from = floatsOf(table)
    const narrowed = new Float32Array(own * side * width)
    for (let y = 0; y < own; y++) {
      for (const [x, { start, weights }] of taps.entries())
        for (const [k, weight] of weights.entries())
          addScaled(narrowed, (y * side + x) * width, {
            from,
            at: (others + y * own + start + k) * width,
            width,
            weight,
          })
    }
    const out = new Float32Array((others + side * side) * width)
    out.set(from.subarray(0, others * width))
    for (const [y, { start, weights }] of taps.entries()) {
      for (const [k, weight] of weights.entries())
        addScaled(out, (others + y * side) * width, {
          from: narrowed,
          at: (start + k) * side * width,
          width: side * width,
          weight,
        })
    }
    return out
  })
}

interface Row {
  readonly from: Float32Array
  readonly at: number
  readonly width: number
  readonly weight: number
}

function addScaled(to: Float32Array, place: number, { from, at, width, weight }: Row): void {
  for (let i = 0; i < width; i++) to[place + i]! += weight * from[at + i]!
}
