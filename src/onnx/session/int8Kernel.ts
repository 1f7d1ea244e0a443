/** Finds out, by multiplying, whether this processor's product of unsigned and signed bytes is exact. */

import { InferenceSession, Tensor } from 'onnxruntime-node'
import { PROBE_DEPTH, PROBE_MODEL, PROBE_TILES, PROBE_WEIGHTS } from './int8Probe.ts'
import { type Int8Kernel, sessionOptions } from './sessionOptions.ts'

/** Products of rows of bytes with the probe's weights, [rows, columns] each. */
export interface Products {
  /** rows · W, as int32. */
  readonly plain: ArrayLike<number>
  /** (rows − 128) · W, by the operator and with the zero point of our int8 layers. */
  readonly centred: ArrayLike<number>
}

/** @param rows [count, PROBE_DEPTH] */
export type Multiply = (rows: Uint8Array, count: number) => Promise<Products>

const ROWS = 7

/**
 * onnxruntime chooses its kernels by the processor, and other ones for a single row than for several. So the product is
 * tried, with the largest values in pairs, and compared with whole numbers.
 * @returns `u8u8` also when the product fails: it is correct everywhere
 */
export async function probeInt8Kernel(multiply: Multiply): Promise<Int8Kernel> {
  const rows = probeRows()
  try {
    for (const count of [1, ROWS]) {
      const some = rows.subarray(0, count * PROBE_DEPTH)
      const { plain, centred } = await multiply(some, count)
      if (!isEqual(plain, multiplyExactly(some, 0)) || !isEqual(centred, multiplyExactly(some, 128))) return 'u8u8'
    }
    return 'u8s8'
  } catch {
    return 'u8u8'
  }
}

/** Probes at the first call in a thread, for 10 to 60 ms of CPU time, once per thread, and remembers the answer: the processor stays the same. */
export const int8Kernel: () => Promise<Int8Kernel> = (() => {
  let answer: Promise<Int8Kernel> | null = null
  return () => {
    answer ??= probeProcessor()
    return answer
  }
})()

/** Only x86 has kernels that saturate; elsewhere onnxruntime ignores the option. */
async function probeProcessor(): Promise<Int8Kernel> {
  if (process.arch !== 'x64') return 'u8s8'
  const options = sessionOptions({ provider: 'cpu', threads: 1, int8Kernel: 'u8s8' })
  const session = await InferenceSession.create(Buffer.from(PROBE_MODEL, 'base64'), options).catch(() => null)
  if (session === null) return 'u8u8'
  try {
    return await probeInt8Kernel(async (rows, count) => {
      const { plain, centred } = await session.run({ rows: new Tensor('uint8', rows, [count, PROBE_DEPTH]) })
      return { plain: plain?.data as Int32Array, centred: centred?.data as Float32Array }
    })
  } finally {
    await session.release()
  }
}

/** [ROWS, PROBE_DEPTH]: constant rows, rows with pairs of large values, and mixtures. */
function probeRows(): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(ROWS * PROBE_DEPTH)
  for (let i = 0; i < rows.length; i++) {
    const [row, k] = [Math.floor(i / PROBE_DEPTH), i % PROBE_DEPTH]
    rows[i] = row % 3 === 0 ? 255 : row % 3 === 1 && k % 4 < 2 ? 254 : (k * 29 + row * 13) % 256
  }
  return rows
}

/** (rows − offset) · W. Below 2²⁴, and so exact as float32, too. */
export function multiplyExactly(rows: Uint8Array, offset: number): number[] {
  const products: number[] = []
  for (let start = 0; start < rows.length; start += PROBE_DEPTH) {
    // The weights repeat, and so do the columns of the product.
    const columns = PROBE_WEIGHTS[0].map((_, column) => {
      let sum = 0
      for (let k = 0; k < PROBE_DEPTH; k++)
        sum += (rows[start + k]! - offset) * PROBE_WEIGHTS[k % PROBE_WEIGHTS.length]![column]!
      return sum
    })
    for (let tile = 0; tile < PROBE_TILES; tile++) products.push(...columns)
  }
  return products
}

function isEqual(found: ArrayLike<number>, exact: readonly number[]): boolean {
  return found.length === exact.length && exact.every((value, i) => value === found[i])
}
