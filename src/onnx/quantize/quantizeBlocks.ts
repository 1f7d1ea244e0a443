/** Quantizes weights to 4 or 8 bits in blocks along the input, in the layout of ONNX Runtime's MatMulNBits. */

export interface BlockQuantized {
  /** [columns, ceil(rows / block), block · bits / 8]: per output column its blocks; of two 4-bit values the first is the low half. */
  readonly packed: Uint8Array<ArrayBuffer>
  /** [columns, ceil(rows / block)]; weight ≈ (value − 2^(bits−1)) · scale. May be negative. */
  readonly scales: Float32Array<ArrayBuffer>
  readonly blocksPerColumn: number
}

export interface BlockOptions {
  readonly bits: 4 | 8
  /** Number of weights that share a scale; a power of two, at least 16. */
  readonly block: number
}

/**
 * Tries several scales for each 4-bit block and keeps the one with the least squared error: clipping the largest weight
 * often costs less than a coarser step for all.
 * @param weights of `x · W`, row by row, [rows, columns]: rows = inputs, columns = outputs
 */
export function quantizeBlocks(weights: Float32Array, columns: number, options: BlockOptions): BlockQuantized {
  const { bits, block } = options
  if (block < 16 || (block & (block - 1)) !== 0) {
    throw new RangeError(`Expected \`block\` to be a power of two of at least 16, got ${block}`)
  }
  const rows = weights.length / columns
  const blocksPerColumn = Math.ceil(rows / block)
  const bytesPerBlock = (block * bits) / 8
  const packed = new Uint8Array(columns * blocksPerColumn * bytesPerBlock)
  const scales = new Float32Array(columns * blocksPerColumn)
  const one = new Float32Array(block)
  for (let column = 0; column < columns; column++) {
    for (let index = 0; index < blocksPerColumn; index++) {
      for (let k = 0, row = index * block; k < block; k++, row++) {
        one[k] = row < rows ? weights[row * columns + column]! : 0
      }
      const at = column * blocksPerColumn + index
      const scale = bits === 4 ? bestScale(one) : scaleOf8(one)
      scales[at] = scale
      pack(one, scale, bits, packed, at * bytesPerBlock)
    }
  }
  return { packed, scales, blocksPerColumn }
}

/** Dequantized weights, [rows, columns] row by row. */
export function dequantizeBlocks(
  quantized: BlockQuantized,
  shape: { rows: number; columns: number },
  options: BlockOptions,
): Float32Array<ArrayBuffer> {
  const { rows, columns } = shape
  const { bits, block } = options
  const bytesPerBlock = (block * bits) / 8
  const weights = new Float32Array(rows * columns)
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      const at = column * quantized.blocksPerColumn + Math.floor(row / block)
      const k = row % block
      const byte = quantized.packed[at * bytesPerBlock + (bits === 4 ? k >> 1 : k)]!
      const value = bits === 8 ? byte : k % 2 === 0 ? byte & 15 : byte >> 4
      weights[row * columns + column] = (value - 2 ** (bits - 1)) * quantized.scales[at]!
    }
  }
  return weights
}

/** Fractions of the largest weight at which the range may end. */
const SHRINK = [1, 0.94, 0.88, 0.82, 0.76]

/** The largest weight maps to −8, the end of the 4-bit range with one more step; smaller ranges are tried as well. */
function bestScale(block: Float32Array): number {
  let largest = 0
  for (const weight of block) if (Math.abs(weight) > Math.abs(largest)) largest = weight
  if (largest === 0) return 1
  let best = largest / -8
  let bestError = Number.POSITIVE_INFINITY
  for (const share of SHRINK) {
    const scale = (largest * share) / -8
    const inverse = 1 / scale
    let error = 0
    for (let k = 0; k < block.length; k++) {
      const weight = block[k]!
      const scaled = weight * inverse
      const value = scaled > 7 ? 7 : scaled < -8 ? -8 : Math.round(scaled)
      const off = weight - value * scale
      error += off * off
    }
    if (error < bestError) {
      bestError = error
      best = scale
    }
  }
  return best
}

function scaleOf8(block: Float32Array): number {
  let largest = 0
  for (let k = 0; k < block.length; k++) largest = Math.max(largest, Math.abs(block[k]!))
  return largest / 127 || 1
}

function pack(block: Float32Array, scale: number, bits: 4 | 8, packed: Uint8Array, start: number): void {
  const low = -(2 ** (bits - 1))
  const inverse = 1 / scale
  for (let k = 0; k < block.length; k++) {
    const value = Math.min(-low - 1, Math.max(low, Math.round(block[k]! * inverse))) - low
    if (bits === 8) packed[start + k] = value
    else packed[start + (k >> 1)] = packed[start + (k >> 1)]! | (k % 2 === 0 ? value : value << 4)
  }
}
