/** Text vectors on disk, by the hash of everything they were made from. A damaged file counts as missing. */

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { atomicWrite, PRIVATE_FOLDER } from '../util/atomicWrite.ts'
import { makeFolder } from '../util/makeFolder.ts'
import type { EncodedText } from './encodeTexts.ts'

export interface TextCache {
  /** null when it is missing, incomplete, or not of this length. */
  read(phrase: string, dim: number): Promise<EncodedText | null>
  /** Never throws: a cache that cannot be written only costs time at the next start. */
  write(phrase: string, text: EncodedText): Promise<void>
}

/** A file: the vector, the number of tokens as uint32, sha256 of both. */
const COUNT_BYTES = 4
const CHECKSUM_BYTES = 32

/** @param madeFrom what the vectors depend on beside the phrase: weights, text tower, tokenizer, context, templates */
export function openTextCache(dir: string, madeFrom: readonly unknown[]): TextCache {
  const pathOf = (phrase: string) => {
    const key = sha256(JSON.stringify([madeFrom, phrase])).toString('hex')
    return join(dir, key.slice(0, 2), `${key}.f32`)
  }
  return {
    async read(phrase, dim) {
      const file = await readFile(pathOf(phrase)).catch(() => null)
      if (file?.length !== dim * 4 + COUNT_BYTES + CHECKSUM_BYTES) return null
      const payload = file.subarray(0, -CHECKSUM_BYTES)
      if (!sha256(payload).equals(file.subarray(-CHECKSUM_BYTES))) return null
      const vector = new Float32Array(Uint8Array.from(payload.subarray(0, dim * 4)).buffer)
      return { vector, tokens: payload.readUInt32LE(dim * 4) }
    },
    async write(phrase, { vector, tokens }) {
      const path = pathOf(phrase)
      const count = Buffer.alloc(COUNT_BYTES)
      count.writeUInt32LE(tokens)
      const payload = Buffer.concat([Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength), count])
      try {
        await makeFolder(dirname(path), PRIVATE_FOLDER)
        await atomicWrite(path, Buffer.concat([payload, sha256(payload)]), { isPrivate: true, flush: false })
      } catch {
        // The next start computes it again.
      }
    },
  }
}

function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest()
}
