/** Reads what `byteWriter` wrote. */

export interface ByteReader {
  byte(): number
  whole(): number
  signed(): number
  real(): number
  text(): string
  isAtEnd(): boolean
}

/** Every method throws a RangeError where the bytes end too early. */
export function byteReader(bytes: Uint8Array): ByteReader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const take = (count: number): number => {
    if (count > buffer.length - at) throw new RangeError(`Expected ${count} more bytes, got ${buffer.length - at}`)
    at += count
    return at - count
  }
  const byte = () => buffer[take(1)] as number
  const whole = () => {
    let value = 0
    for (let scale = 1; ; scale *= 0x80) {
      const next = byte()
      value += (next & 0x7f) * scale
      if (next < 0x80) return value
      if (scale > Number.MAX_SAFE_INTEGER) throw new RangeError('Expected a whole number, got more than 53 bits')
    }
  }
  return {
    byte,
    whole,
    signed: () => {
      const value = whole()
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    },
    real: () => buffer.readDoubleLE(take(8)),
    text: () => {
      const count = whole()
      const from = take(count)
      return buffer.toString('utf8', from, from + count)
    },
    isAtEnd: () => at === buffer.length,
  }
}
