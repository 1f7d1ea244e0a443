import { describe, expect, it } from 'vitest'
import { bfloat16ToFloat32, float16ToFloat32, float32ToFloat16 } from '../../src/util/float16.ts'

describe('float16', () => {
  // IEEE 754-2019, table 3.5 and its limits.
  it.each([
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x83ff, -1023 * 2 ** -24],
    [0x7c00, Number.POSITIVE_INFINITY],
  ])('%s is %s', (half, value) => {
    expect(float16ToFloat32(Uint16Array.of(half))[0]).toBe(value)
    expect(float32ToFloat16(Float32Array.of(value))[0]).toBe(half)
  })

  it('round-trips every float16', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter(half => (half & 0x7fff) <= 0x7c00)
    expect(float32ToFloat16(float16ToFloat32(all))).toEqual(all)
  })

  it('keeps NaN', () => {
    expect(float16ToFloat32(Uint16Array.of(0x7e00, 0xfc01))).toEqual(Float32Array.of(Number.NaN, Number.NaN))
    expect(float16ToFloat32(float32ToFloat16(Float32Array.of(Number.NaN)))[0]).toBeNaN()
  })

  it.each([
    ['ties to even, down', 1 + 2 ** -11, 1],
    ['ties to even, up', 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ['just above a tie', 1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
    ['below the last number', 65519, 65504],
    ['from there on infinity', 65520, Number.POSITIVE_INFINITY],
    ['subnormal ties to even', 2.5 * 2 ** -24, 2 * 2 ** -24],
    ['too small', 2 ** -26, 0],
  ])('rounds: %s', (_, value, rounded) => {
    expect(float16ToFloat32(float32ToFloat16(Float32Array.of(value)))[0]).toBe(rounded)
  })
})

it('bfloat16 is the upper half of a float32', () => {
  expect([...bfloat16ToFloat32(Uint16Array.of(0x3f80, 0xc040, 0x7f80, 0x0001))]).toEqual([
    1,
    -3,
    Number.POSITIVE_INFINITY,
    2 ** -133,
  ])
})
