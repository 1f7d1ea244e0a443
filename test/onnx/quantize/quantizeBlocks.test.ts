import { describe, expect, test } from 'vitest'
import { dequantizeBlocks, quantizeBlocks } from '../../../src/onnx/quantize/quantizeBlocks.ts'
import { createRandom } from '../../../src/util/random.ts'

const random = createRandom('blocks')
const gaussian = (length: number) => Float32Array.from({ length }, () => random.normal(0, 0.02))
const relativeError = (a: Float32Array, b: Float32Array) => {
  let error = 0
  let size = 0
  a.forEach((value, i) => {
    error += (value - (b[i] as number)) ** 2
    size += value ** 2
  })
  return Math.sqrt(error / size)
}

test('packs the first of two values into the low half, blocks along the input', () => {
  // One column, 16 rows: −8…7 in steps of one, so that the scale is exactly 1 and the values are 0…15.
  const column = Float32Array.from({ length: 16 }, (_, i) => i - 8)
  const { packed, scales } = quantizeBlocks(column, 1, { bits: 4, block: 16 })
  expect(scales).toEqual(Float32Array.of(1))
  expect([...packed]).toEqual([0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe])
})

test('keeps columns apart', () => {
  const weights = new Float32Array(32 * 2)
  for (let row = 0; row < 32; row++) weights[row * 2 + 1] = -8
  const { packed, scales, blocksPerColumn } = quantizeBlocks(weights, 2, { bits: 4, block: 16 })
  expect(blocksPerColumn).toBe(2)
  expect(scales[0]).toBe(1)
  expect([...packed.subarray(0, 16)]).toEqual(Array(16).fill(0x88))
  expect([...packed.subarray(16)]).toEqual(Array(16).fill(packed[16]))
})

describe.each([
  { bits: 4, block: 32, limit: 0.1 },
  { bits: 4, block: 16, limit: 0.09 },
  { bits: 8, block: 32, limit: 0.006 },
] as const)('$bits bits in blocks of $block', ({ bits, block, limit }) => {
  test(`loses less than ${limit} of Gaussian weights' norm`, () => {
    const weights = gaussian(128 * 24)
    const quantized = quantizeBlocks(weights, 24, { bits, block })
    const back = dequantizeBlocks(quantized, { rows: 128, columns: 24 }, { bits, block })
    expect(relativeError(weights, back)).toBeLessThan(limit)
    expect(relativeError(weights, back)).toBeGreaterThan(limit / 10)
  })

  test('pads a last block that is not full', () => {
    const weights = gaussian(40 * 3)
    const quantized = quantizeBlocks(weights, 3, { bits, block })
    expect(quantized.packed.length).toBe(3 * Math.ceil(40 / block) * ((block * bits) / 8))
    const back = dequantizeBlocks(quantized, { rows: 40, columns: 3 }, { bits, block })
    expect(relativeError(weights, back)).toBeLessThan(limit)
  })
})

test('zeros stay zero', () => {
  const quantized = quantizeBlocks(new Float32Array(32), 1, { bits: 4, block: 32 })
  expect(dequantizeBlocks(quantized, { rows: 32, columns: 1 }, { bits: 4, block: 32 })).toEqual(new Float32Array(32))
})

test('refuses a block that MatMulNBits does not know', () => {
  expect(() => quantizeBlocks(new Float32Array(24), 1, { bits: 4, block: 24 })).toThrow('got 24')
})
