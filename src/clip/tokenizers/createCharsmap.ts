/** SentencePiece's normalisation of characters: a table from byte sequences to their replacements. */

import { WatchwordError } from '../../util/errors.ts'

/**
 * The longest entry at each place of the text is replaced, as by SentencePiece's `Normalizer::NormalizePrefix`.
 * Format: the size of a double array of little-endian uint32, the array (darts-clone's), and replacements that end with 0.
 * @throws WatchwordError `tokenizer-invalid`
 */
export function createCharsmap(blob: Uint8Array): (text: string) => string {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength)
  const trieBytes = blob.length < 4 ? Number.NaN : view.getUint32(0, true)
  if (!(trieBytes % 4 === 0 && 4 + trieBytes <= blob.length)) {
    throw new WatchwordError('Expected a SentencePiece table of characters in the tokenizer, got damaged bytes', {
      code: 'tokenizer-invalid',
    })
  }
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => view.getUint32(4 + 4 * i, true))
  const replacements = Buffer.from(blob.buffer, blob.byteOffset + 4 + trieBytes, blob.length - 4 - trieBytes)
  const replacementAt = (offset: number) => {
    const end = replacements.indexOf(0, offset)
    return replacements.subarray(offset, end < 0 ? undefined : end)
  }
  return text => {
    const bytes = Buffer.from(text, 'utf8')
    const parts: Uint8Array[] = []
    for (let place = 0; place < bytes.length; ) {
      const match = longestMatch(units, bytes, place)
      const length = match?.length ?? characterLength(bytes[place] as number)
      parts.push(match === null ? bytes.subarray(place, place + length) : replacementAt(match.value))
      place += length
    }
    return Buffer.concat(parts).toString('utf8')
  }
}

interface Match {
  /** Bytes. */
  readonly length: number
  readonly value: number
}

function longestMatch(units: Uint32Array, bytes: Uint8Array, start: number): Match | null {
  let longest: Match | null = null
  let node = offsetOf(units[0] ?? 0)
  for (let place = start; place < bytes.length; place++) {
    const byte = bytes[place] as number
    node ^= byte
    const unit = units[node] ?? 0
    if ((unit & 0x800000ff) >>> 0 !== byte) break
    node ^= offsetOf(unit)
    if (((unit >>> 8) & 1) === 1) longest = { length: place + 1 - start, value: (units[node] ?? 0) & 0x7fffffff }
  }
  return longest
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & (1 << 9)) >>> 6)
}

/** Bytes of the UTF-8 character that starts with this one. */
function characterLength(first: number): number {
  if (first < 0x80) return 1
  if (first < 0xe0) return 2
  return first < 0xf0 ? 3 : 4
}
