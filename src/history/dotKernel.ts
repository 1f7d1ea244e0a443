/**
 * A WebAssembly function for the search: the dot products of many float16 rows with one float32 vector. Its bytes are
 * written here, instruction by instruction, because there is no compiler in the build; docs/decisions/0010-history.md
 *
 * A float16 becomes a float32 by moving its bits: 13 places to the left, with the sign in front. The exponent is then too small
 * by 112, so that the vector is multiplied by 2^112 beforehand, in two steps that stay in range.
 */

export interface DotKernel {
  readonly memory: Uint8Array<ArrayBuffer>
  /** Where rows begin in the memory, and how many fit. */
  readonly rowsAt: number
  readonly capacity: number
  setDirection(direction: Float32Array): void
  /** Of the first `count` rows. Valid until the next call. */
  dots(count: number): Float32Array
}

/** Multiplied into the vector; the rest of 2^112 into the result. Products then stay far from both ends of float32. */
const FIRST_SCALE = 2 ** 100
const REST_SCALE = 2 ** 12
const PAGE = 65_536
/** Rows at a time: larger blocks leave the cache. */
const BLOCK_BYTES = 2 ** 20

/** @param dim a multiple of 8 @param rowBytes distance of the rows in bytes */
export function createDotKernel(dim: number, rowBytes: number): DotKernel {
  const capacity = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes))
  const outAt = 4 * dim
  const rowsAt = Math.ceil((outAt + 4 * capacity) / 16) * 16
  const pages = Math.ceil((rowsAt + capacity * rowBytes) / PAGE)
  const { Module, Instance } = (globalThis as unknown as WithWebAssembly).WebAssembly
  const { memory, dots } = new Instance(new Module(moduleBytes(pages))).exports
  const { buffer } = memory
  const query = new Float32Array(buffer, 0, dim)
  return {
    memory: new Uint8Array(buffer),
    rowsAt,
    capacity,
    setDirection: direction => {
      query.fill(0)
      for (let i = 0; i < direction.length; i++) query[i] = (direction[i] ?? 0) * FIRST_SCALE
    },
    dots: count => {
      dots(rowsAt, count, rowBytes, dim / 8, outAt)
      return new Float32Array(buffer, outAt, count).map(value => value * REST_SCALE)
    },
  }
}

/** What is used of it: its types come with a browser's. */
interface WithWebAssembly {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (
      module: object,
    ) => {
      readonly exports: {
        readonly memory: { readonly buffer: ArrayBuffer }
        dots(rows: number, count: number, rowBytes: number, blocks: number, out: number): void
      }
    }
  }
}

const I32 = 0x7f
const V128 = 0x7b
const GET = 0x20
const SET = 0x21
const TEE = 0x22
const ADD = 0x6a
const SUB = 0x6b
const END = 0x0b

/** Parameters and variables of the function. */
const [ROWS, COUNT, ROW_BYTES, BLOCKS, OUT, AT, QUERY, LEFT, SUM, SECOND, HALVES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

function moduleBytes(pages: number): Uint8Array<ArrayBuffer> {
  const type = [0x60, ...list([I32, I32, I32, I32, I32].map(kind => [kind])), 0x00]
  const body = [
    ...list([
      [3, I32],
      [3, V128],
    ]),
    ...code(),
    END,
  ]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list([type])),
    ...section(3, list([[0]])),
    ...section(5, list([[0x00, ...unsigned(pages)]])),
    ...section(
      7,
      list([
        [...text('memory'), 0x02, 0],
        [...text('dots'), 0x00, 0],
      ]),
    ),
    ...section(10, list([[...unsigned(body.length), ...body]])),
  ])
}

/** for each row: SUM, SECOND = 0; for each 8 numbers: add their products; OUT = the sum of all lanes */
function code(): number[] {
  const zero = [0xfd, 0x0c, ...new Array<number>(16).fill(0)]
  // LOW: numbers 0 to 3; HIGH: 4 to 7, as int32 with the sign in all upper bits.
  const product = (extend: number, offset: number) => [
    ...[GET, HALVES, 0xfd, ...unsigned(extend)],
    ...[...constant(13), 0xfd, ...unsigned(0xab)], // i32x4.shl
    ...[...constant(0x8fff_ffff | 0), 0xfd, 0x11, 0xfd, 0x4e], // i32x4.splat, v128.and: keeps the sign and what was moved
    ...[GET, QUERY, 0xfd, 0x00, 0x02, offset], // v128.load
    ...[0xfd, ...unsigned(0xe6)], // f32x4.mul
  ]
  const add = (sum: number, extend: number, offset: number) => [
    ...[GET, sum, ...product(extend, offset), 0xfd, ...unsigned(0xe4), SET, sum], // f32x4.add
  ]
  const lane = (index: number) => [GET, SUM, 0xfd, 0x1f, index] // f32x4.extract_lane
  const inner = [
    ...[0x03, 0x40], // loop
    ...[GET, AT, 0xfd, 0x00, 0x01, 0, SET, HALVES],
    ...add(SUM, 0xa7, 0), // i32x4.extend_low_i16x8_s
    ...add(SECOND, 0xa8, 16), // i32x4.extend_high_i16x8_s
    ...[GET, AT, ...constant(16), ADD, SET, AT],
    ...[GET, QUERY, ...constant(32), ADD, SET, QUERY],
    ...[GET, LEFT, ...constant(1), SUB, TEE, LEFT, 0x0d, 0, END], // br_if
  ]
  return [
    ...[0x03, 0x40],
    ...[...zero, SET, SUM, ...zero, SET, SECOND],
    ...[GET, ROWS, SET, AT, ...constant(0), SET, QUERY, GET, BLOCKS, SET, LEFT],
    ...inner,
    ...[GET, SUM, GET, SECOND, 0xfd, ...unsigned(0xe4), SET, SUM],
    ...[GET, OUT, ...lane(0), ...lane(1), 0x92, ...lane(2), ...lane(3), 0x92, 0x92, 0x38, 0x02, 0], // f32.add, f32.store
    ...[GET, ROWS, GET, ROW_BYTES, ADD, SET, ROWS],
    ...[GET, OUT, ...constant(4), ADD, SET, OUT],
    ...[GET, COUNT, ...constant(1), SUB, TEE, COUNT, 0x0d, 0, END],
  ] as number[]
}

function constant(value: number): number[] {
  return [0x41, ...signed(value)]
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content]
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()]
}

function text(value: string): number[] {
  return list([...Buffer.from(value)].map(byte => [byte]))
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

function signed(value: number): number[] {
  const isLast = value >= -64 && value < 64
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)]
}
