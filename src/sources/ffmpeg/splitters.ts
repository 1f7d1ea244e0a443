/** Split ffmpeg's pipes into frames, JPEGs and times. Each splitter keeps an unfinished item until the next chunk. */

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
