/** Transforms weights for the graph (transpose, concatenate, fold). They are computed while they are written. */

import { float32ToFloat16 } from '../util/float16.ts'
import { floatsOf, floatTensor, lazyTensor, type Tensor } from './tensor.ts'

/** [out, in], PyTorch's layout of a Linear's weight → [in, out], MatMul's layout. */
export function transposed(weight: Tensor): Tensor {
  return packedColumns([weight])
}

/** Several [out, in] of the same input, transposed and side by side: [in, Σ out]. One MatMul instead of several. */
export function packedColumns(weights: readonly Tensor[]): Tensor {
  const height = weights[0]?.dims[1] ?? 0
  const width = weights.reduce((sum, { dims }) => sum + dims[0]!, 0)
  return lazyTensor('float32', [height, width], () => {
    const out = new Float32Array(height * width)
    let left = 0
    for (const weight of weights) {
      transposeInto(out, floatsOf(weight), { height, width, left })
      left += weight.dims[0]!
    }
    return out
  })
}

/** Concatenates vectors. */
export function concat(vectors: readonly Tensor[]): Tensor {
  const length = vectors.reduce((sum, { dims }) => sum + dims[0]!, 0)
  return lazyTensor('float32', [length], () => {
    const out = new Float32Array(length)
    let start = 0
    for (const vector of vectors) {
      out.set(floatsOf(vector), start)
      start += vector.dims[0]!
    }
    return out
  })
}

/** As float16, rounded to nearest even; in parts when the tensor has them. */
export function halved(tensor: Tensor): Tensor {
  const half = lazyTensor('float16', tensor.dims, () => float32ToFloat16(floatsOf(tensor)))
  const { parts } = tensor
  return parts === undefined ? half : { ...half, parts: () => halvedParts(parts()) }
}

function* halvedParts(parts: Iterable<Uint8Array<ArrayBuffer>>): Iterable<Uint8Array<ArrayBuffer>> {
  for (const part of parts) {
    const half = float32ToFloat16(new Float32Array(part.buffer, part.byteOffset, part.byteLength / 4))
    yield new Uint8Array(half.buffer, half.byteOffset, half.byteLength)
  }
}

/** The same elements with another shape. */
export function reshaped(tensor: Tensor, dims: readonly number[]): Tensor {
  return { ...tensor, dims }
}

interface PatchInput {
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
  /** [width]; null for a product without a bias. */
  readonly bias: Tensor | null
}

/**
 * The patch convolution as a matrix for raw pixels: normalised = (p / 255 − mean) / std is linear in p: its factor goes
 * into the weight and its constant into a bias.
 * @param weight [width, 3, patch, patch]
 * @returns weight [patch · patch · 3, width] for rows of a patch in order (y, x, channel), bias [width]
 */
export function foldPixels(
  weight: Tensor,
  { mean, std, bias: own }: PatchInput,
): { weight: Tensor; bias: Float32Array } {
  const [width, channels, patch] = weight.dims as [number, number, number, number]
  const area = patch * patch
  const folded = lazyTensor('float32', [area * channels, width], () => {
    const from = floatsOf(weight)
    const out = new Float32Array(from.length)
    for (let o = 0; o < width; o++) {
      for (let c = 0; c < channels; c++) {
        const factor = 1 / (255 * std[c]!)
        const start = (o * channels + c) * area
        for (let p = 0; p < area; p++) out[(p * channels + c) * width + o] = from[start + p]! * factor
      }
    }
    return out
  })
  const from = floatsOf(weight)
  const bias = own === null ? new Float32Array(width) : floatsOf(own).slice()
  for (let o = 0; o < width; o++) {
    let sum = bias[o]!
    for (let c = 0; c < channels; c++) {
      const shift = mean[c]! / std[c]!
      const start = (o * channels + c) * area
      for (let p = 0; p < area; p++) sum -= from[start + p]! * shift
    }
    bias[o] = sum
  }
  return { weight: folded, bias }
}

/** Position vectors [1, tokens, width] with the bias of the patches added; a class token, which is the first, has none. */
export function positionsWithBias(positions: Tensor, bias: Float32Array, classToken: boolean): Tensor {
  const [count, width] = positions.dims as [number, number]
  const out = floatsOf(positions).slice()
  for (let i = classToken ? width : 0; i < out.length; i++) out[i]! += bias[i % width]!
  return floatTensor([1, count, width], out)
}

interface Place {
  readonly height: number
  readonly width: number
  readonly left: number
}

/** Tile by tile, so that both matrices stay in the processor's cache. */
function transposeInto(out: Float32Array, from: Float32Array, { height, width, left }: Place): void {
  const columns = from.length / height
  const tile = 32
  for (let top = 0; top < height; top += tile) {
    for (let start = 0; start < columns; start += tile) {
      const bottom = Math.min(top + tile, height)
      const end = Math.min(start + tile, columns)
      for (let y = top; y < bottom; y++) {
        for (let x = start; x < end; x++) out[y * width + left + x] = from[x * height + y]!
      }
    }
  }
}
