/** A checkpoint's tensor as float32: widened, cut out of a packed one, transposed. Read from disk at each use. */

import { WatchwordError } from '../util/errors.ts'
import type { TensorSource } from './families/family.ts'
import { openTensor, type StoredTensor } from './readSafetensors.ts'
import { elementCount, floatsOf, lazyTensor, type Tensor } from './tensor.ts'
import { transposed } from './weights.ts'

/** Bytes of one part, as float32. */
const PART_BYTES = 8e6

/** @throws WatchwordError `safetensors-dtype`; when it is read, `safetensors-invalid` for numbers that are not finite */
export function storedFloats(stored: StoredTensor, { name, block, isTransposed = false }: TensorSource): Tensor {
  const [rows = 1] = stored.dims
  const own = block === undefined ? stored : rowsOf(stored, (rows / block.count) * block.index, rows / block.count)
  const floats = finiteFloats(name, own)
  return isTransposed ? transposed(floats) : { ...floats, parts: () => partsOf(name, own) }
}

function finiteFloats(name: string, stored: StoredTensor): Tensor {
  const tensor = openTensor(name, stored)
  return lazyTensor('float32', stored.dims, () => {
    const values = floatsOf(tensor)
    if (!areFinite(values)) throw notFinite(name, stored.path)
    return values
  })
}

function* partsOf(name: string, stored: StoredTensor): Iterable<Uint8Array<ArrayBuffer>> {
  const [rows = 1, ...rest] = stored.dims
  const step = Math.max(1, Math.floor(PART_BYTES / (4 * elementCount(rest))))
  for (let start = 0; start < rows; start += step) {
    yield finiteFloats(name, rowsOf(stored, start, Math.min(step, rows - start))).read()
  }
}

function rowsOf(stored: StoredTensor, start: number, count: number): StoredTensor {
  const [rows = 1, ...rest] = stored.dims
  const rowBytes = stored.byteLength / rows
  return { ...stored, dims: [count, ...rest], offset: stored.offset + start * rowBytes, byteLength: count * rowBytes }
}

/** A loop, because `every` takes ten times as long: seconds for a whole model. */
function areFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false
  return true
}

/** A single NaN makes every embedding and every score NaN. */
function notFinite(name: string, path: string): WatchwordError {
  return new WatchwordError(`Expected numbers in \`${name}\`, got NaN or infinity in ${path}`, {
    code: 'safetensors-invalid',
    hint: 'Download it again; if it happens again, the published model is damaged',
  })
}
