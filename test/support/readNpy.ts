/** Reads NumPy's .npy files. Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */

import { readFileSync } from 'node:fs'
import { messageOf } from '../../src/util/errors.ts'
import { InputError } from './inputError.ts'

const MAGIC = '\x93NUMPY'
/** Magic string, version, and the header's length: 10 bytes in version 1, which is all that small arrays need. */
const PREFIX_BYTES = 10
const HEADER = /'descr': '<f([24])', 'fortran_order': False, 'shape': \((\d+),(?: (\d+))?\)/

/**
 * A vector counts as one row.
 * @param file little-endian float16 or float32 in C order, one or two dimensions
 * @returns rows of float32, all of the same length
 * @throws InputError with one line that names the file
 */
export function readNpy(file: string): Float32Array[] {
  const bytes = contentOf(file)
  const dataAt = PREFIX_BYTES + bytes.readUInt16LE(PREFIX_BYTES - 2)
  const header = bytes.toString('latin1', PREFIX_BYTES, dataAt)
  const [, size, first, second] = HEADER.exec(header) ?? []
  if (first === undefined)
    throw new InputError(
      `Expected ${file} to hold float16 or float32 in C order, one or two dimensions, got ${header.trim()}`,
    )
  const [rows, columns] = second === undefined ? [1, Number(first)] : [Number(first), Number(second)]
  const width = Number(size)
  const expected = dataAt + rows * columns * width
  if (bytes.length < expected)
    throw new InputError(`${file} is truncated: expected ${expected} bytes, got ${bytes.length}`)
  const valueAt =
    width === 2 ? (at: number) => halfToNumber(bytes.readUInt16LE(at)) : (at: number) => bytes.readFloatLE(at)
  return Array.from({ length: rows }, (_, row) =>
    Float32Array.from({ length: columns }, (_, column) => valueAt(dataAt + (row * columns + column) * width)),
  )
}

function contentOf(file: string): Buffer {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new InputError(`Cannot read ${file}: ${messageOf(error)}`)
  }
  if (bytes.length < PREFIX_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new InputError(`Expected ${file} to be a .npy file`)
  return bytes
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits >> 15 ? -1 : 1
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
