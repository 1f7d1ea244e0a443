/** A checkpoint's tensor as float32: widened, cut out of a packed one, transposed. Read from disk at each use. */

import { WatchwordError } from '../util/errors.ts'
import type { TensorSource } from './families/family.ts'
import { openTensor, type StoredTensor } from './readSafetensors.ts'
import { floatsOf, lazyTensor, type Tensor } from './tensor.ts'
import { transposed } from './weights.ts'

/** @throws WatchwordError `safetensors-dtype`; when it is read, `safetensors-invalid` for numbers that are not finite */
export function storedFloats(stored: StoredTensor, { name, block, isTransposed = false }: TensorSource): Tensor {
  const part = block === undefined ? stored : blockOf(stored, block)
  const tensor = openTensor(name, part)
  const floats = lazyTensor('float32', part.dims, () => {
    const values = floatsOf(tensor)
    if (!areFinite(values)) throw notFinite(name, part.path)
    return values
  })
  return isTransposed ? transposed(floats) : floats
}

/** Equal blocks of rows lie one after another. */
function blockOf(stored: StoredTensor, { index, count }: NonNullable<TensorSource['block']>): StoredTensor {
  const [rows = 0, ...rest] = stored.dims
  const byteLength = stored.byteLength / count
  return { ...stored, dims: [rows / count, ...rest], offset: stored.offset + index * byteLength, byteLength }
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
