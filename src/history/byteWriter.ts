/** Writes numbers and texts in few bytes; `byteReader` reads them. */

export interface ByteWriter {
  byte(value: number): void
  /** A whole number from 0 to 2^53 − 1, in one byte per 7 bits. */
  whole(value: number): void
  /** A whole number of either sign; small ones are short. */
  signed(value: number): void
  /** A float64, exactly. */
  real(value: number): void
  text(value: string): void
  bytes(): Uint8Array<ArrayBuffer>
}

export function byteWriter(): ByteWriter {
  let buffer = Buffer.alloc(1024)
  let length = 0
  const reserve = (count: number) => {
    if (length + count <= buffer.length) return
    buffer = Buffer.concat([buffer], Math.max(2 * buffer.length, length + count))
  }
  const byte = (value: number) => {
    reserve(1)
    buffer[length++] = value
  }
  const whole = (value: number) => {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) byte((rest % 0x80) | 0x80)
    byte(rest)
  }
  return {
    byte,
    whole,
    signed: value => whole(value < 0 ? -2 * value - 1 : 2 * value),
    real: value => {
      reserve(8)
      length = buffer.writeDoubleLE(value, length)
    },
    text: value => {
      const count = Buffer.byteLength(value)
      whole(count)
      reserve(count)
      length += buffer.write(value, length)
    },
    bytes: () => new Uint8Array(buffer.subarray(0, length)),
  }
}
