/** Reads a tokenizer.json without its vocabulary. */

import { z } from 'zod'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { readWhole } from '../util/readFile.ts'
import { isRecord } from './parseForeign.ts'

const part = z.record(z.string(), z.unknown()).nullish()
const headSchema = z.object({
  normalizer: part,
  pre_tokenizer: part,
  model: z.object({
    type: z.string().optional(),
    byte_fallback: z.boolean().nullish(),
    end_of_word_suffix: z.string().nullish(),
  }),
})

/** A tokenizer.json without its vocabulary. */
export type TokenizerHead = z.output<typeof headSchema>

/**
 * Gemma's vocabulary has 34 MB: what stands in front of it is parsed alone.
 * @throws WatchwordError `tokenizer-invalid`, `file-unreadable`
 */
export async function readTokenizerHead(path: string): Promise<TokenizerHead> {
  const bytes = Buffer.from((await readWhole(path)).buffer)
  const head = headSchema.safeParse(parseFront(bytes) ?? parseWhole(bytes, path))
  if (head.success) return head.data
  throw new WatchwordError(`Expected a tokenizer with a \`model\` in ${path}`, { code: 'tokenizer-invalid' })
}

/** null where other programs wrote the keys in another order than Hugging Face's tokenizers do. */
function parseFront(bytes: Buffer): unknown {
  const end = bytes.indexOf('"vocab"')
  if (end < 0) return null
  try {
    const front: unknown = JSON.parse(`${bytes.toString('utf8', 0, end)}"vocab":null}}`)
    return isRecord(front) && ['normalizer', 'pre_tokenizer', 'model'].every(key => key in front) ? front : null
  } catch {
    return null
  }
}

function parseWhole(bytes: Buffer, path: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new WatchwordError(`Expected JSON in ${path}: ${messageOf(cause)}`, { code: 'tokenizer-invalid', cause })
  }
}
