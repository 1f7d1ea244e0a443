/** Converts float16 and bfloat16 arrays to float32, and float32 to float16. */

const bits = new Uint32Array(1)
const number = new Float32Array(bits.buffer)

/** IEEE 754 binary16 → float32, exact. */
export function float16ToFloat32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(halves.length)
  const words = new Uint32Array(out.buffer)
  for (let i = 0; i < halves.length; i++) words[i] = halfToFloatBits(halves[i]!)
  return out
}

/** float32 → IEEE 754 binary16, rounded to nearest even; beyond ±65504 becomes ±infinity. */
export function float32ToFloat16(floats: Float32Array): Uint16Array<ArrayBuffer> {
  const out = new Uint16Array(floats.length)
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length)
  for (let i = 0; i < floats.length; i++) out[i] = floatBitsToHalf(words[i]!)
  return out
}

/** bfloat16 → float32, exact: the upper half of its bits. */
export function bfloat16ToFloat32(brains: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(brains.length)
  const words = new Uint32Array(out.buffer)
  for (let i = 0; i < brains.length; i++) words[i] = brains[i]! << 16
  return out
}

function halfToFloatBits(half: number): number {
  const sign = (half & 0x8000) << 16
  const exponent = (half >>> 10) & 0x1f
  const mantissa = half & 0x3ff
  if (exponent === 0x1f) return sign | 0x7f800000 | (mantissa << 13)
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (mantissa << 13)
  number[0] = mantissa * 2 ** -24
  return sign | bits[0]!
}

function floatBitsToHalf(word: number): number {
  const sign = (word >>> 16) & 0x8000
  const magnitude = word & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  if (magnitude >= 0x477ff000) return sign | 0x7c00
  if (magnitude < 0x38800000) {
    // Subnormal: the value is a multiple of 2^-24, and adding 0.5 makes the hardware round to exactly that grid.
    bits[0] = magnitude
    number[0]! += 0.5
    return sign | (bits[0]! - 0x3f000000)
  }
  const odd = (magnitude >>> 13) & 1
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13)
}
