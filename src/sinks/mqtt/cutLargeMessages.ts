/** Limits the size of incoming messages: a message above the limit reaches the client truncated to it. */

import { Transform } from 'node:stream'

const PUBLISH = 3
/** A remaining length has four bytes at most: 3.1.1 section 2.2.3, 5.0 section 1.5.5. */
const LONGEST_HEADER = 5

/**
 * Bytes of MQTT packets in, bytes of MQTT packets out. A PUBLISH above `maxBytes` loses the end of its payload and is
 * acknowledged like any other. No packet is buffered. Any other packet above `maxBytes`, and an invalid header, ends the
 * stream with an error.
 */
export function cutLargeMessages(maxBytes: number): Transform {
  let header: number[] = []
  /** Bytes of the current packet's body to pass on, then to skip. */
  let pass = 0
  let skip = 0

  const readBody = (stream: Transform, chunk: Buffer, at: number): number => {
    const passed = chunk.subarray(at, at + pass)
    if (passed.length > 0) stream.push(passed)
    pass -= passed.length
    const skipped = pass > 0 ? 0 : Math.min(skip, chunk.length - at - passed.length)
    skip -= skipped
    return passed.length + skipped
  }
  const readHeader = (stream: Transform, byte: number) => {
    header.push(byte)
    const hasMore = header.length === 1 || (byte & 0x80) !== 0
    if (hasMore && header.length < LONGEST_HEADER) return
    if (hasMore) throw new Error('the broker sends a packet that is not MQTT')
    const length = lengthOf(header)
    const [first = 0] = header
    if (length > maxBytes && first >> 4 !== PUBLISH)
      throw new Error(`the broker sends a packet of type ${first >> 4} with ${length} bytes`)
    pass = Math.min(length, maxBytes)
    skip = length - pass
    header = []
    stream.push(Buffer.from([first, ...encoded(pass)]))
  }
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        for (let at = 0; at < chunk.length; )
          if (pass + skip > 0) at += readBody(this, chunk, at)
          else readHeader(this, chunk[at++] as number)
        done()
      } catch (error) {
        done(error as Error)
      }
    },
  })
}

function lengthOf([, ...bytes]: readonly number[]): number {
  return bytes.reduceRight((sum, byte) => sum * 128 + (byte & 0x7f), 0)
}

function encoded(length: number): number[] {
  const bytes = []
  do {
    const more = length >= 128
    bytes.push((length % 128) | (more ? 0x80 : 0))
    length = Math.floor(length / 128)
  } while (length > 0)
  return bytes
}
