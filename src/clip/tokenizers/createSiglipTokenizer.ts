/** SigLIP's tokenizer: a SentencePiece unigram model on the canonical text. */

import { WatchwordError } from '../../util/errors.ts'
import { canonicalize } from './canonicalize.ts'
import { createCharsmap } from './createCharsmap.ts'
import { type Tokenizer, tokensOf } from './tokenizer.ts'
import { createSegmenter, type Unigram } from './unigram.ts'

const END_TOKEN = '</s>'
const SPACE = '▁'

/**
 * The text ends with `</s>`, which also fills the row: `tokenize(max_len=64, eos="sticky", pad_value=1)` in big_vision.
 * @param layout `padTokenId` null: the end token
 * @throws WatchwordError `tokenizer-invalid` without an end token
 */
export function createSiglipTokenizer(
  model: Unigram,
  { contextLength, padTokenId }: { readonly contextLength: number; readonly padTokenId: number | null },
): Tokenizer {
  const end = model.pieces.findIndex(({ text }) => text === END_TOKEN)
  if (end < 0) {
    throw new WatchwordError(`Expected ${END_TOKEN} in the vocabulary, got ${model.pieces.length} pieces without it`, {
      code: 'tokenizer-invalid',
    })
  }
  const normalize = model.charsmap === null ? (text: string) => text : createCharsmap(model.charsmap)
  const segment = createSegmenter(model)
  const row = { contextLength, end, padding: padTokenId ?? end }
  return {
    contextLength,
    encode(text) {
      const plain = trimSpaces(normalize(canonicalize(text)))
      return tokensOf(plain === '' ? [] : segment(SPACE + plain.replaceAll(' ', SPACE)), row)
    },
  }
}

/** `remove_extra_whitespaces` of SentencePiece; the table turns all kinds of white space into spaces. */
function trimSpaces(text: string): string {
  return text.replace(/ +/g, ' ').replace(/^ | $/g, '')
}
