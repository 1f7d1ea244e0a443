/** CLIP's byte-pair encoding: text → token ids, exactly as openai/CLIP's `simple_tokenizer.py` and `clip.tokenize`. */

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, systemCodeOf, WatchwordError } from '../util/errors.ts'
import { unescapeHtml } from './unescapeHtml.ts'

export const START_TOKEN = '<|startoftext|>'
export const END_TOKEN = '<|endoftext|>'

export interface TokenizerFiles {
  /** Piece → id; contains both special tokens. */
  readonly vocab: Readonly<Record<string, number>>
  /** Text of merges.txt: two pieces a line, the most frequent pair first. */
  readonly merges: string
}

export interface Tokens {
  /** [context] int64: start, pieces, end, and the end again up to the context. */
  readonly ids: BigInt64Array
  /** Number of tokens before truncation, start and end included. */
  readonly count: number
}

export interface Tokenizer {
  /** Maximum number of tokens, start and end included: 77 for OpenAI's. */
  readonly contextLength: number
  /** sha256 (hex) of both files. */
  readonly sha256: string
  /**
   * Longer texts are truncated as by `clip.tokenize(truncate=True)`: the last place of the context becomes the end token.
   * The text is literal: `<|endoftext|>` in it is thirteen characters. With `markup` it is the token, as in openai/CLIP.
   */
  encode(text: string, options?: { readonly markup?: boolean }): Tokens
}

/** @throws WatchwordError `model-missing` without its files, `tokenizer-invalid` when they are not CLIP's form. */
export async function loadTokenizer(modelDir: string, contextLength: number): Promise<Tokenizer> {
  const [vocabText, merges] = await Promise.all(
    ['vocab.json', 'merges.txt'].map(file => readText(join(modelDir, file))),
  )
  let vocab: unknown
  try {
    vocab = JSON.parse(vocabText as string)
  } catch (cause) {
    throw invalid(`Expected JSON in ${join(modelDir, 'vocab.json')}: ${messageOf(cause)}`, cause)
  }
  if (!isVocab(vocab)) throw invalid(`Expected pieces and their numbers in ${join(modelDir, 'vocab.json')}`)
  return createTokenizer({ vocab, merges: merges as string }, contextLength)
}

/** @throws WatchwordError `tokenizer-invalid` when a special token is missing. */
export function createTokenizer(files: TokenizerFiles, contextLength: number): Tokenizer {
  const vocab = new Map(Object.entries(files.vocab))
  const ranks = rankMerges(files.merges)
  const [start, end] = [START_TOKEN, END_TOKEN].map(token => {
    const id = vocab.get(token)
    if (id === undefined) throw invalid(`Expected ${token} in the vocabulary, got ${vocab.size} pieces without it`)
    return id
  }) as [number, number]

  // OpenAI's vocabulary contains every byte. A smaller one may not: unknown pieces are left out.
  const idsOf = (word: string) => mergePieces(word, ranks).flatMap(piece => vocab.get(piece) ?? [])
  const encodeWord = (word: string, markup: boolean) => {
    const special = markup && (word === START_TOKEN || word === END_TOKEN)
    return special ? [word === START_TOKEN ? start : end] : idsOf(bytesToPieces(word))
  }
  return {
    contextLength,
    sha256: createHash('sha256').update(JSON.stringify(files.vocab)).update('\0').update(files.merges).digest('hex'),
    encode(text, { markup = false } = {}) {
      const words = clean(text).match(markup ? WORD_OR_MARKUP : WORD) ?? []
      const tokens = [start, ...words.flatMap(word => encodeWord(word, markup)), end]
      const ids = new BigInt64Array(contextLength).fill(BigInt(end))
      tokens.slice(0, contextLength - 1).forEach((id, place) => {
        ids[place] = BigInt(id)
      })
      return { ids, count: tokens.length }
    },
  }
}

// What Python's str.isspace() calls white space; JavaScript's \s lacks 0x1c–0x1f and 0x85, and has U+FEFF.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they separate words in Python
const SPACES = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g

// The pattern of simple_tokenizer.py for clean text. Its IGNORECASE matters there for one letter only: the long s.
const WORD = /'[sſt]|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^ \p{L}\p{N}]+/gu
const WORD_OR_MARKUP = /<\|startoftext\|>|<\|endoftext\|>|'[sſt]|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^ \p{L}\p{N}]+/gu

/** openai/CLIP runs ftfy first; of its repairs only NFC normalisation is done here, as in Hugging Face's tokenizers. */
function clean(text: string): string {
  return unescapeHtml(unescapeHtml(text.normalize('NFC')))
    .replace(SPACES, ' ')
    .replace(/^ | $/g, '')
    .toLowerCase()
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

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const why = systemCodeOf(cause) === 'ENOENT' ? 'no such file' : messageOf(cause)
    throw new WatchwordError(`Cannot read ${path}: ${why}`, {
      code: 'model-missing',
      hint: 'The tokenizer files vocab.json and merges.txt belong beside the model',
      cause,
    })
  }
}

function isVocab(value: unknown): value is Record<string, number> {
  return typeof value === 'object' && value !== null && Object.values(value).every(Number.isSafeInteger)
}

function invalid(message: string, cause?: unknown): WatchwordError {
  return new WatchwordError(message, { code: 'tokenizer-invalid', cause })
}
