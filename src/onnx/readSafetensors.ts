/** Reads safetensors: the header at once, tensors by range when they are used. https://github.com/huggingface/safetensors#format */

import { messageOf, WatchwordError } from '../util/errors.ts'
import { fileSize, readRange } from '../util/readFile.ts'
import { shorten } from '../util/shorten.ts'
import { type DType, elementCount, lazyTensor, type Tensor } from './tensor.ts'

/** Position of one tensor in the file, from its header; checked against the file's size. */
export interface StoredTensor {
  readonly path: string
  /** As in the header: 'F32', 'BF16', 'F8_E4M3', … */
  readonly dtype: string
  readonly dims: readonly number[]
  /** From the start of the file, in bytes. */
  readonly offset: number
  readonly byteLength: number
}

/** The format's own limit. */
const MAX_HEADER_BYTES = 100e6
/** A header holds entries, and those lists. Deeper JSON takes seconds to parse and is none. */
const MAX_DEPTH = 8

const READABLE: ReadonlyMap<string, DType> = new Map([
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
])

const BYTES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ F64: 8, I64: 8, U64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2, I16: 2, U16: 2 },
    ...{ I8: 1, U8: 1, BOOL: 1, F8_E4M3: 1, F8_E5M2: 1 },
  }),
)

/**
 * The tensors of one file by name.
 * @throws WatchwordError `file-unreadable`, `safetensors-truncated`, `safetensors-invalid`
 */
export function readSafetensors(path: string): Map<string, StoredTensor> {
  const { header, size } = readHeader(path)
  const start = size.header + 8
  const tensors = new Map<string, StoredTensor>()
  for (const [name, value] of Object.entries(header)) {
    if (name !== '__metadata__') tensors.set(name, storedTensor(path, name, value, start))
  }
  checkLayout(path, tensors, start, size.file)
  return tensors
}

/**
 * The numbers of a stored tensor, in its own precision; read from the file at each use.
 * @throws WatchwordError `safetensors-dtype` for other than F32, F16 and BF16
 */
export function openTensor(name: string, stored: StoredTensor): Tensor {
  const dtype = READABLE.get(stored.dtype)
  if (dtype === undefined) {
    throw new WatchwordError(
      `Expected \`${shorten(name)}\` to be F32, F16 or BF16 in ${stored.path}, got ${shorten(JSON.stringify(stored.dtype))}`,
      { code: 'safetensors-dtype', hint: 'Use the unquantized checkpoint' },
    )
  }
  return lazyTensor(dtype, stored.dims, () => readRange(stored.path, stored.offset, stored.byteLength))
}

interface Header {
  readonly header: Readonly<Record<string, unknown>>
  readonly size: { readonly file: number; readonly header: number }
}

function readHeader(path: string): Header {
  const fileBytes = fileSize(path)
  if (fileBytes < 8) throw truncated(path, 8, fileBytes)
  const first = readRange(path, 0, 8)
  const headerBytes = Number(new DataView(first.buffer).getBigUint64(0, true))
  if (headerBytes > MAX_HEADER_BYTES) throw foreign(path, first)
  if (headerBytes + 8 > fileBytes) throw truncated(path, headerBytes + 8, fileBytes)
  const header = readRange(path, 8, headerBytes)
  return { header: parseHeader(path, header, first), size: { file: fileBytes, header: headerBytes } }
}

function parseHeader(path: string, header: Uint8Array, first: Uint8Array): Record<string, unknown> {
  if (header[0] !== '{'.charCodeAt(0)) throw foreign(path, first)
  if (depthOf(header) > MAX_DEPTH) throw invalid(path, 'its header is nested too deeply')
  try {
    // Invalid UTF-8 would silently become other tensor names.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header)) as Record<string, unknown>
  } catch (cause) {
    throw invalid(path, `its header is not JSON in UTF-8: ${messageOf(cause)}`, cause)
  }
}

/** How deep lists and objects of a JSON text are nested, found without parsing it. */
function depthOf(json: Uint8Array): number {
  let [depth, deepest, isText] = [0, 0, false]
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (isText && byte === BACKSLASH) at++
    else if (byte === QUOTE) isText = !isText
    else if (!isText && (byte === OPEN_LIST || byte === OPEN_OBJECT)) deepest = Math.max(deepest, ++depth)
    else if (!isText && (byte === CLOSE_LIST || byte === CLOSE_OBJECT)) depth--
  }
  return deepest
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}')

function storedTensor(path: string, name: string, value: unknown, start: number): StoredTensor {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>
  if (typeof dtype !== 'string' || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    throw invalid(path, `the entry of \`${shorten(name)}\` lacks dtype, shape or data_offsets`)
  }
  const [begin, end] = offsets as [number, number]
  const byteLength = end - begin
  const expected = elementCount(shape) * (BYTES.get(dtype) ?? Number.NaN)
  if (byteLength < 0 || expected > byteLength || expected < byteLength) {
    throw invalid(
      path,
      `\`${shorten(name)}\` of ${shorten(dtype, 32)} [${shorten(shape.join(), 100)}] should have ${expected} bytes, has ${byteLength}`,
    )
  }
  return { path, dtype, dims: shape, offset: start + begin, byteLength }
}

/** The format allows no overlap, no hole and nothing after the last tensor. */
function checkLayout(path: string, tensors: ReadonlyMap<string, StoredTensor>, start: number, size: number): void {
  const sorted = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.byteLength - b.byteLength)
  let end = start
  for (const [name, tensor] of sorted) {
    if (tensor.offset < end) throw invalid(path, `\`${shorten(name)}\` overlaps the tensor before it`)
    if (tensor.offset > end)
      throw invalid(path, `${tensor.offset - end} bytes before \`${shorten(name)}\` belong to no tensor`)
    end = tensor.offset + tensor.byteLength
  }
  if (end > size) throw truncated(path, end, size)
  if (end < size) throw invalid(path, `${size - end} bytes at its end belong to no tensor`)
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(each => Number.isSafeInteger(each) && each >= 0)
}

function truncated(path: string, expected: number, got: number): WatchwordError {
  return new WatchwordError(`${path} is truncated: expected ${expected} bytes, got ${got}`, {
    code: 'safetensors-truncated',
    hint: 'Download it again',
    facts: { expected, got },
  })
}

/** Other files that are mistaken for safetensors, by their first bytes. */
const LOOKALIKES: readonly (readonly [string, string])[] = [
  ['PK', 'it is a PyTorch archive'],
  ['version', 'it is a Git LFS pointer, not the file itself'],
  ['<', 'it is a web page'],
  ['GGUF', 'it is GGUF'],
]

function foreign(path: string, first: Uint8Array): WatchwordError {
  const text = new TextDecoder('latin1').decode(first)
  const what = LOOKALIKES.find(([start]) => text.startsWith(start))?.[1] ?? 'it does not begin with a header'
  return invalid(path, what)
}

function invalid(path: string, why: string, cause?: unknown): WatchwordError {
  return new WatchwordError(`${path} is not a valid safetensors file: ${shorten(why, 400)}`, {
    code: 'safetensors-invalid',
    hint: 'Download it again, or convert the checkpoint to safetensors',
    cause,
  })
}
