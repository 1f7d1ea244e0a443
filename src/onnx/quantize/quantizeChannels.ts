/** Quantizes weights to 8 bits, symmetric, with one scale per output channel. */

export interface ChannelQuantized {
  /** Same layout as the weights; each in [-127, 127]: without −128 the range is symmetric. */
  readonly values: Int8Array<ArrayBuffer>
  /** One per channel, above 0: weight ≈ value · scale. */
  readonly scales: Float32Array<ArrayBuffer>
}

/**
 * @param weights row by row, [rows, columns]
 * @param axis which of the two is the output channel: 1 for the weight of `x · W`, 0 for tables and kernels
 */
export function quantizeChannels(weights: Float32Array, columns: number, axis: 0 | 1): ChannelQuantized {
  const rows = columns === 0 ? 0 : weights.length / columns
  if (!Number.isInteger(rows)) {
    throw new RangeError(`Expected ${weights.length} weights to fill rows of ${columns}`)
  }
  const scales = scalesOf(weights, rows, columns, axis)
  const values = new Int8Array(weights.length)
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      values[i] = Math.round(weights[i]! / scales[axis === 1 ? column : row]!)
    }
  }
  return { values, scales }
}

function scalesOf(weights: Float32Array, rows: number, columns: number, axis: 0 | 1): Float32Array<ArrayBuffer> {
  const scales = new Float32Array(axis === 1 ? columns : rows)
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      const channel = axis === 1 ? column : row
      const size = Math.abs(weights[i]!)
      if (size > scales[channel]!) scales[channel] = size
    }
  }
  // A channel of zeros keeps scale 1: its values are zero whatever the scale.
  for (let i = 0; i < scales.length; i++) scales[i] = scales[i]! / 127 || 1
  return scales
}
