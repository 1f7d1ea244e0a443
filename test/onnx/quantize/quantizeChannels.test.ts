import { expect, test } from 'vitest'
import { quantizeChannels } from '../../../src/onnx/quantize/quantizeChannels.ts'
import { createRandom } from '../../../src/util/random.ts'

test('each column uses its whole range', () => {
  const { values, scales } = quantizeChannels(Float32Array.of(1, 100, -2, 50, 0.5, -25), 2, 1)
  expect(scales).toEqual(Float32Array.of(2 / 127, 100 / 127))
  expect(values).toEqual(Int8Array.of(64, 127, -127, 64, 32, -32))
})

test('each row uses its whole range', () => {
  const { values, scales } = quantizeChannels(Float32Array.of(1, 2, 100, -49), 2, 0)
  expect(scales).toEqual(Float32Array.of(2 / 127, 100 / 127))
  expect(values).toEqual(Int8Array.of(64, 127, 127, -62))
})

test('is never off by more than half a step', () => {
  const random = createRandom('channels')
  const weights = Float32Array.from({ length: 64 * 48 }, () => random.normal(0, 0.02))
  const { values, scales } = quantizeChannels(weights, 48, 1)
  weights.forEach((weight, i) => {
    const scale = scales[i % 48] as number
    expect(Math.abs((values[i] as number) * scale - weight)).toBeLessThanOrEqual(scale * 0.50001)
  })
})

test('a channel of zeros stays zero', () => {
  const { values, scales } = quantizeChannels(Float32Array.of(0, 1, 0, -1), 2, 1)
  expect(values).toEqual(Int8Array.of(0, 127, 0, -127))
  expect(scales[0]).toBe(1)
})

test('refuses weights that do not fill their rows', () => {
  expect(() => quantizeChannels(new Float32Array(5), 2, 1)).toThrow('Expected 5 weights to fill rows of 2')
})
