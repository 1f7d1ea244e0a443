/** Splits an H.264 Annex B byte stream (ITU-T H.264, annex B) into access units: one frame each. */

export interface AccessUnit {
  /** NAL units without start codes, access unit delimiters left out. */
  readonly nals: readonly Buffer[]
  /** Holds an IDR slice: decoding can begin here. */
  readonly key: boolean
}

export const NAL = { slice: 1, idr: 5, sps: 7, pps: 8, delimiter: 9 } as const

export function nalType(nal: Buffer): number {
  return (nal[0] ?? 0) & 0x1f
}

/** A unit is given out when the next delimiter arrives, so the encoder must insert them (x264: `aud=1`). */
export function createAccessUnitSplitter(onUnit: (unit: AccessUnit) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0)
  let nals: Buffer[] = []

  const take = (nal: Buffer) => {
    if (nalType(nal) !== NAL.delimiter) {
      nals.push(nal)
      return
    }
    if (nals.length > 0) onUnit({ nals, key: nals.some(unit => nalType(unit) === NAL.idr) })
    nals = []
  }

  return chunk => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    let start = startCode(pending, 0)
    if (start === null) return
    for (let next = startCode(pending, start.end); next !== null; next = startCode(pending, next.end)) {
      take(Buffer.from(pending.subarray(start.end, next.begin)))
      start = next
    }
    pending = pending.subarray(start.begin)
  }
}

/** The next 00 00 01 or 00 00 00 01 at or after an offset; null when there is none yet. */
function startCode(bytes: Buffer, from: number): { begin: number; end: number } | null {
  const found = bytes.indexOf('000001', from, 'hex')
  if (found < 0) return null
  return { begin: found > from && bytes[found - 1] === 0 ? found - 1 : found, end: found + 3 }
}
