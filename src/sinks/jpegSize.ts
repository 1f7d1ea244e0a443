/** The size of a JPEG, read from its header. */

export interface JpegSize {
  readonly width: number
  readonly height: number
}

/** Segments without a length: ITU T.81, table B.1. */
const TEM = 0x01
const [RST0, SOI] = [0xd0, 0xd8]

/** null for bytes that are no JPEG. */
export function jpegSize(jpeg: Uint8Array): JpegSize | null {
  const bytes = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.length)
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] as number
    if (isFrame(marker)) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
    // A marker may be preceded by any number of 0xff.
    if (marker === 0xff) at += 1
    else if (marker === TEM || (marker >= RST0 && marker <= SOI)) at += 2
    else at += 2 + bytes.readUInt16BE(at + 2)
  }
  return null
}

/** Start of frame: 0xc0 to 0xcf, without DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}
