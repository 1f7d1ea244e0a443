/** Tensors of a graph: shape, element type, and bytes in memory or in a file. */

import { WatchwordError } from '../util/errors.ts'
import { bfloat16ToFloat32, float16ToFloat32, float32ToFloat16 } from '../util/float16.ts'

/** Element types and their size in bits. 4-bit types are packed, two to a byte, low half first. */
const DTYPE_BITS = {
  float32: 32,
  float16: 16,
  bfloat16: 16,
  float64: 64,
  int64: 64,
  int32: 32,
  int16: 16,
  int8: 8,
  uint64: 64,
  uint32: 32,
  uint16: 16,
  uint8: 8,
  int4: 4,
  uint4: 4,
  bool: 8,
} as const

export type DType = keyof typeof DTYPE_BITS

/** A tensor. Two graphs may share one: never write to what `read` returns. */
export interface Tensor {
  readonly dtype: DType
  /** Row-major; [] for a scalar. */
  readonly dims: readonly number[]
  readonly byteLength: number
  /** The elements, little-endian. Reads or computes them at each call: do not keep the result longer than needed. */
  read(): Uint8Array<ArrayBuffer>
  /** The same bytes as `read`, in parts of a few megabytes: for tensors that should not be held as a whole. */
  parts?(): Iterable<Uint8Array<ArrayBuffer>>
}

type TypedArray =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>

/** A tensor over an array in memory, not copied. @throws RangeError when the array does not fill the shape. */
export function tensorOf(dtype: DType, dims: readonly number[], array: TypedArray): Tensor {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  return checked({ dtype, dims, byteLength: bytes.length, read: () => bytes })
}

/** A tensor whose elements are read or computed when needed: a model may be larger than memory. */
export function lazyTensor(dtype: DType, dims: readonly number[], compute: () => TypedArray): Tensor {
  const byteLength = byteLengthOf(dtype, dims)
  const read = () => {
    const array = compute()
    if (array.byteLength !== byteLength) {
      throw new RangeError(`Expected ${byteLength} bytes for ${dtype} [${dims}], got ${array.byteLength}`)
    }
    return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  }
  return { dtype, dims, byteLength, read }
}

export function floatTensor(dims: readonly number[], values: Float32Array<ArrayBuffer> | readonly number[]): Tensor {
  return tensorOf('float32', dims, values instanceof Float32Array ? values : Float32Array.from(values))
}

/** A float16 tensor from float32 values, rounded to nearest even. */
export function halfTensor(dims: readonly number[], values: Float32Array): Tensor {
  return tensorOf('float16', dims, float32ToFloat16(values))
}

export function int64Tensor(dims: readonly number[], values: readonly number[]): Tensor {
  return tensorOf('int64', dims, BigInt64Array.from(values, BigInt))
}

/** Number of elements; 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1)
}

/** Bytes that a tensor takes, packed 4-bit types rounded up. */
export function byteLengthOf(dtype: DType, dims: readonly number[]): number {
  return Math.ceil((elementCount(dims) * DTYPE_BITS[dtype]) / 8)
}

/**
 * The elements as float32; float16 and bfloat16 exactly, float64 rounded. May be a view: never write to it.
 * @throws WatchwordError `tensor-dtype` when the tensor holds no floating-point numbers
 */
export function floatsOf(tensor: Tensor): Float32Array<ArrayBuffer> {
  switch (tensor.dtype) {
    case 'float32':
      return viewOf(tensor, Float32Array)
    case 'float16':
      return float16ToFloat32(viewOf(tensor, Uint16Array))
    case 'bfloat16':
      return bfloat16ToFloat32(viewOf(tensor, Uint16Array))
    case 'float64':
      return Float32Array.from(viewOf(tensor, Float64Array))
    default:
      throw new WatchwordError(`Expected a tensor of floating-point numbers, got ${tensor.dtype}`, {
        code: 'tensor-dtype',
      })
  }
}

/** The elements of an integer or boolean tensor as numbers; int64 beyond 2^53 loses precision. */
export function integersOf(tensor: Tensor): number[] {
  switch (tensor.dtype) {
    case 'int64':
      return Array.from(viewOf(tensor, BigInt64Array), Number)
    case 'uint64':
      return Array.from(viewOf(tensor, BigUint64Array), Number)
    case 'int32':
      return Array.from(viewOf(tensor, Int32Array))
    case 'uint32':
      return Array.from(viewOf(tensor, Uint32Array))
    case 'int16':
      return Array.from(viewOf(tensor, Int16Array))
    case 'uint16':
      return Array.from(viewOf(tensor, Uint16Array))
    case 'int8':
      return Array.from(viewOf(tensor, Int8Array))
    case 'uint8':
    case 'bool':
      return Array.from(tensor.read())
    default:
      throw new WatchwordError(`Expected a tensor of whole numbers, got ${tensor.dtype}`, { code: 'tensor-dtype' })
  }
}

interface ViewConstructor<T> {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): T
  readonly BYTES_PER_ELEMENT: number
}

/** The tensor's bytes as a typed array: a view if they are aligned, else a copy. */
function viewOf<T>(tensor: Tensor, Type: ViewConstructor<T>): T {
  const bytes = tensor.read()
  const aligned = bytes.byteOffset % Type.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice()
  return new Type(aligned.buffer, aligned.byteOffset, aligned.length / Type.BYTES_PER_ELEMENT)
}

function checked(tensor: Tensor): Tensor {
  const expected = byteLengthOf(tensor.dtype, tensor.dims)
  if (tensor.byteLength === expected) return tensor
  throw new RangeError(`Expected ${expected} bytes for ${tensor.dtype} [${tensor.dims}], got ${tensor.byteLength}`)
}
