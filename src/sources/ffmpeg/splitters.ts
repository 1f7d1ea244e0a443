/** Split ffmpeg's pipes into frames, JPEGs, times, details and zones. Each splitter keeps an unfinished item until the next chunk. */

import type { DetailImage } from '../../types.ts'

export type Splitter<T> = (chunk: Buffer) => T[]

/** Frames of exactly `bytes` bytes, each in a buffer of its own that can be handed over to a worker. */
export function splitFrames(bytes: number): Splitter<Uint8Array<ArrayBuffer>> {
  let frame = new Uint8Array(bytes)
  let filled = 0
  return chunk => {
    const done: Uint8Array<ArrayBuffer>[] = []
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + bytes - filled)
      frame.set(piece, filled)
      filled += piece.length
      at += piece.length
      if (filled < bytes) continue
      done.push(frame)
      frame = new Uint8Array(bytes)
      filled = 0
    }
    return done
  }
}

/** One map for each frame: name → [size, size, 3], from squares that follow each other in the order of `names`. */
export function splitSquares(
  names: readonly string[],
  size: number,
): Splitter<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const split = splitFrames(size * size * 3)
  let squares = new Map<string, Uint8Array<ArrayBuffer>>()
  return chunk => {
    const done: ReadonlyMap<string, Uint8Array<ArrayBuffer>>[] = []
    for (const square of split(chunk)) {
      squares.set(names[squares.size] as string, square)
      if (squares.size < names.length) continue
      done.push(squares)
      squares = new Map()
    }
    return done
  }
}

/** `P6`, width, height, maximum: `P6\n16384 4096\n255\n` is the longest. */
const LONGEST_HEADER = 20
const PPM_HEADER = /^P6\n(\d{1,5}) (\d{1,5})\n255\n/

/** ffmpeg's `ppm` images, each in a buffer of its own. @throws RangeError for anything else, and beyond `most` pixels */
export function splitPpm(most: number): Splitter<DetailImage> {
  let header = Buffer.alloc(0)
  let image: DetailImage | null = null
  let filled = 0
  return chunk => {
    const done: DetailImage[] = []
    let rest = chunk
    while (rest.length > 0) {
      if (image === null) {
        const before = header.length
        header = Buffer.concat([header, rest.subarray(0, LONGEST_HEADER - before)])
        const found = readPpmHeader(header, most)
        if (found === null) return done
        rest = rest.subarray(found.bytes - before)
        header = Buffer.alloc(0)
        image = { ...found.size, pixels: new Uint8Array(found.size.width * found.size.height * 3) }
        filled = 0
      }
      const piece = rest.subarray(0, image.pixels.length - filled)
      image.pixels.set(piece, filled)
      filled += piece.length
      rest = rest.subarray(piece.length)
      if (filled < image.pixels.length) break
      done.push(image)
      image = null
    }
    return done
  }
}

/** null while it is not complete. */
function readPpmHeader(bytes: Buffer, most: number) {
  const text = bytes.toString('latin1')
  const found = PPM_HEADER.exec(text)
  if (found === null) {
    if (bytes.length < LONGEST_HEADER && 'P6\n'.startsWith(text.slice(0, 3))) return null
    throw new RangeError(`Expected a PPM image from ffmpeg, got ${JSON.stringify(text)}`)
  }
  const [width, height] = [Number(found[1]), Number(found[2])]
  if (width === 0 || height === 0 || width * height > most) {
    throw new RangeError(`Expected a PPM image of 1 to ${most} pixels from ffmpeg, got ${width}x${height}`)
  }
  return { size: { width, height }, bytes: found[0].length }
}

const HEADER_END = Buffer.from('\r\n\r\n')

/** The parts of ffmpeg's `mpjpeg`: a boundary, headers with a Content-length, an empty line, the JPEG. */
export function splitJpegs(): Splitter<Uint8Array<ArrayBuffer>> {
  let rest: Buffer = Buffer.alloc(0)
  return chunk => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const done: Uint8Array<ArrayBuffer>[] = []
    for (;;) {
      const headerEnd = rest.indexOf(HEADER_END)
      if (headerEnd < 0) return done
      const length = /content-length:\s*(\d+)/i.exec(rest.toString('latin1', 0, headerEnd))
      if (length === null) throw new RangeError('Expected each JPEG part to have a Content-length')
      const begin = headerEnd + HEADER_END.length
      const end = begin + Number(length[1])
      if (rest.length < end) return done
      done.push(new Uint8Array(rest.subarray(begin, end)))
      rest = rest.subarray(end)
    }
  }
}

/** Whole lines without their end. A line without end is kept to `longest` characters. */
export function splitLines(longest = 4096): Splitter<string> {
  let rest = ''
  return chunk => {
    const lines = (rest + chunk.toString('utf8')).split(/\r?\n|\r/)
    rest = (lines.pop() ?? '').slice(0, longest)
    return lines.map(line => line.slice(0, longest))
  }
}

/** Frame times in ms since the start of the file, from ffmpeg's `mkvtimestamp_v2`: a comment, then one a line. */
export function splitTimes(): Splitter<number> {
  const split = splitLines()
  return chunk =>
    split(chunk)
      .filter(line => /^-?\d/.test(line))
      .map(Number)
}
