/** CLIP's byte-pair encoding: text → token ids, exactly as openai/CLIP's `simple_tokenizer.py` and `clip.tokenize`. */

import { WatchwordError } from '../../util/errors.ts'
import { unescapeHtml } from '../unescapeHtml.ts'
import { collapseSpaces } from './collapseSpaces.ts'
import { type Tokenizer, tokensOf } from './tokenizer.ts'

export const START_TOKEN = '<|startoftext|>'
export const END_TOKEN = '<|endoftext|>'

export interface TokenizerFiles {
  /** Piece → id; contains both special tokens. */
  readonly vocab: Readonly<Record<string, number>>
  /** Text of merges.txt: two pieces a line, the most frequent pair first. */
  readonly merges: string
}

/**
 * @param layout `padTokenId` null: the end token, as in Hugging Face's tokenizers. openai/CLIP pads with 0; a causal
 *   tower does not see the difference.
 * @throws WatchwordError `tokenizer-invalid` when a special token is missing
 */
export function createClipTokenizer(
  files: TokenizerFiles,
  { contextLength, padTokenId }: { readonly contextLength: number; readonly padTokenId: number | null },
): Tokenizer {
  const vocab = new Map(Object.entries(files.vocab))
  const ranks = rankMerges(files.merges)
  const [start, end] = [START_TOKEN, END_TOKEN].map(token => {
    const id = vocab.get(token)
    if (id === undefined) throw invalid(`Expected ${token} in the vocabulary, got ${vocab.size} pieces without it`)
    return id
  }) as [number, number]

  const row = { contextLength, end, padding: padTokenId ?? end }

  // OpenAI's vocabulary contains every byte. A smaller one may not: unknown pieces are left out.
  const idsOf = (word: string) => mergePieces(word, ranks).flatMap(piece => vocab.get(piece) ?? [])
  const encodeWord = (word: string, markup: boolean) => {
    const special = markup && (word === START_TOKEN || word === END_TOKEN)
    return special ? [word === START_TOKEN ? start : end] : idsOf(bytesToPieces(word))
  }
  return {
    contextLength,
    encode(text, { markup = false } = {}) {
      const words = clean(text).match(markup ? WORD_OR_MARKUP : WORD) ?? []
      return tokensOf([start, ...words.flatMap(word => encodeWord(word, markup))], row)
    },
  }
}

// The pattern of simple_tokenizer.py for clean text. Its IGNORECASE matters there for one letter only: the long s.
const WORD = /'[sſt]|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^ \p{L}\p{N}]+/gu
const WORD_OR_MARKUP = /<\|startoftext\|>|<\|endoftext\|>|'[sſt]|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^ \p{L}\p{N}]+/gu

/** openai/CLIP runs ftfy first; of its repairs only NFC normalisation is done here, as in Hugging Face's tokenizers. */
function clean(text: string): string {
  return collapseSpaces(unescapeHtml(unescapeHtml(text.normalize('NFC')))).toLowerCase()
}

/** Repeatedly merges the most frequent pair of neighbours; the last piece carries the end-of-word mark. */
function mergePieces(word: string, ranks: ReadonlyMap<string, number>): string[] {
  const pieces = [...word]
  pieces.push(`${pieces.pop() ?? ''}</w>`)
  while (pieces.length > 1) {
    let best = Number.POSITIVE_INFINITY
    let first = ''
    let second = ''
    for (let i = 0; i + 1 < pieces.length; i++) {
      const rank = ranks.get(`${pieces[i]} ${pieces[i + 1]}`) ?? Number.POSITIVE_INFINITY
      if (rank < best) [best, first, second] = [rank, pieces[i] as string, pieces[i + 1] as string]
    }
    if (best === Number.POSITIVE_INFINITY) break
    for (let i = 0; i + 1 < pieces.length; i++) {
      if (pieces[i] === first && pieces[i + 1] === second) pieces.splice(i, 2, first + second)
    }
  }
  return pieces
}

function rankMerges(merges: string): Map<string, number> {
  const pairs = merges.split('\n').filter(line => line.trim() !== '' && !line.startsWith('#version'))
  return new Map(pairs.map((pair, rank) => [pair.trimEnd(), rank]))
}

function bytesToPieces(word: string): string {
  return Array.from(Buffer.from(word, 'utf8'), byte => BYTE_PIECES[byte]).join('')
}

/** GPT-2's printable stand-in for each byte: printable Latin-1 stays, the others move up from U+0100 in order. */
const BYTE_PIECES: readonly string[] = (() => {
  const printable = (byte: number) => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad)
  let moved = 0
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : 0x100 + moved++))
})()

function invalid(message: string): WatchwordError {
  return new WatchwordError(message, { code: 'tokenizer-invalid' })
}
