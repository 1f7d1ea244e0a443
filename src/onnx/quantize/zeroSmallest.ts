/** L1 unstructured pruning of one tensor: removes exactly what torch.nn.utils.prune.l1_unstructured removes. */

import { selectSmallest } from './selectSmallest.ts'

export interface Zeroed {
  readonly values: Float32Array<ArrayBuffer>
  /** How many were set to zero: round(amount · length), as torch counts. */
  readonly removed: number
}

/** @param amount fraction to remove, [0, 1) */
export function zeroSmallest(weights: Float32Array, amount: number): Zeroed {
  const removed = roundHalfToEven(amount * weights.length)
  const values = new Float32Array(weights)
  if (removed === 0) return { values, removed }
  const threshold = selectSmallest(weights.map(Math.abs), removed - 1)
  let left = removed
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]!) < threshold) {
      values[i] = 0
      left--
    }
  }
  // Of equal weights at the threshold, the first ones are removed until the count is reached.
  for (let i = 0; i < values.length && left > 0; i++) {
    if (Math.abs(weights[i]!) === threshold) {
      values[i] = 0
      left--
    }
  }
  return { values, removed }
}

/** Python's `round`, which torch uses here. */
function roundHalfToEven(x: number): number {
  const floor = Math.floor(x)
  if (x - floor !== 0.5) return Math.round(x)
  return floor % 2 === 0 ? floor : floor + 1
}
