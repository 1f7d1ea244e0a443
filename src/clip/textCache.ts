/** Text vectors on disk, by the hash of all that they were made from. A damaged file is as good as none. */

import { createHash, randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '../util/makeFolder.ts'

export interface TextCache {
  /** null when it is not there, not whole, or not of this length. */
  read(phrase: string, dim: number): Promise<Float32Array | null>
  /** A cache that can't be written costs time at the next start, nothing else: never throws. */
  write(phrase: string, vector: Float32Array): Promise<void>
}

const CHECKSUM_BYTES = 32

/** @param madeFrom what the vectors depend on beside the phrase: weights, tokenizer, context, templates */
export function openTextCache(dir: string, madeFrom: readonly unknown[]): TextCache {
  const pathOf = (phrase: string) => {
    const key = sha256(JSON.stringify([madeFrom, phrase])).toString('hex')
    return join(dir, key.slice(0, 2), `${key}.f32`)
  }
  return {
    async read(phrase, dim) {
      const file = await readFile(pathOf(phrase)).catch(() => null)
      if (file?.length !== dim * 4 + CHECKSUM_BYTES) return null
      const payload = file.subarray(0, dim * 4)
      if (!sha256(payload).equals(file.subarray(dim * 4))) return null
      return new Float32Array(Uint8Array.from(payload).buffer)
    },
    async write(phrase, vector) {
      const path = pathOf(phrase)
      const part = `${path}.${randomUUID()}.part`
      const payload = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
      try {
        await makeFolder(dirname(path))
        await writeFile(part, Buffer.concat([payload, sha256(payload)]))
        await rename(part, path)
      } catch {
        await rm(part, { force: true }).catch(() => {})
      }
    },
  }
}

function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest()
}
