/** Gemma's tokenizer, which SigLIP 2 has: byte-pair encoding of the canonical text, bytes for unknown characters. */

import { WatchwordError } from '../../util/errors.ts'
import { canonicalize } from './canonicalize.ts'
import { createMerges, mergePairs } from './mergePairs.ts'
import type { BytePairs } from './readTokenizerJson.ts'
import { type Tokenizer, tokensOf } from './tokenizer.ts'

const END_TOKEN = '<eos>'
const PAD_TOKEN = '<pad>'
const SPACE = '▁'

/**
 * No start token; the text ends with `<eos>` (1), and `<pad>` (0) fills the row:
 * `lower|tok(length=64, model="gemma", bos="no", eos="sticky")` in big_vision's SigLIP2_demo.ipynb.
 * @param layout `padTokenId` null: `<pad>`
 * @throws WatchwordError `tokenizer-invalid` when a special token, a byte or a part of a merge is missing
 */
export function createGemmaTokenizer(
  model: BytePairs,
  { contextLength, padTokenId }: { readonly contextLength: number; readonly padTokenId: number | null },
): Tokenizer {
  const { vocab } = model
  const required = (token: string): number => {
    const id = vocab.get(token)
    if (id !== undefined) return id
    throw new WatchwordError(`Expected ${token} in the vocabulary, got ${vocab.size} pieces without it`, {
      code: 'tokenizer-invalid',
    })
  }
  const [end, pad] = [END_TOKEN, PAD_TOKEN].map(required) as [number, number]
  const bytes = Array.from({ length: 256 }, (_, byte) =>
    required(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  )
  const bytesOf = (character: string) => Array.from(Buffer.from(character, 'utf8'), byte => bytes[byte] as number)
  const merges = createMerges(model.merges, required)
  const row = { contextLength, end, padding: padTokenId ?? pad }
  return {
    contextLength,
    encode(text) {
      const characters = [...canonicalize(text).replaceAll(' ', SPACE)]
      const ids = characters.flatMap(character => vocab.get(character) ?? bytesOf(character))
      return tokensOf(mergePairs(ids, merges), row)
    },
  }
}
