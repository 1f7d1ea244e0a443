/** Loads the tokenizer of a model directory, whatever its kind and its files. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelCard } from '../../models/modelCard.ts'
import { findTokenizerFiles } from '../../models/tokenizerFiles.ts'
import type { TokenizerKind } from '../../models/tokenizerKinds.ts'
import { messageOf, WatchwordError } from '../../util/errors.ts'
import { createClipTokenizer, type TokenizerFiles } from './createClipTokenizer.ts'
import { createGemmaTokenizer } from './createGemmaTokenizer.ts'
import { createSiglipTokenizer } from './createSiglipTokenizer.ts'
import { readSentencePiece } from './readSentencePiece.ts'
import { isId, readBytePairs, readClipVocabulary, readUnigram } from './readTokenizerJson.ts'
import type { Tokenizer } from './tokenizer.ts'

export interface TokenizerOptions {
  readonly kind: TokenizerKind
  /** Length of every row. */
  readonly contextLength: number
  /** Fills a row behind the end token; null: the token that the tokenizer itself pads with. */
  readonly padTokenId: number | null
}

/** What a model's card says about its tokenizer. */
export function tokenizerOptions({ tokenizer: kind, contextLength, text }: ModelCard): TokenizerOptions {
  return { kind, contextLength, padTokenId: text.padTokenId }
}

/**
 * Gemma's vocabulary takes 200 MB while it is read: call this in a thread that ends afterwards.
 * @throws WatchwordError `tokenizer-missing` without its files, `tokenizer-invalid` when they are of another kind
 */
export async function loadTokenizer(modelDir: string, { kind, ...layout }: TokenizerOptions): Promise<Tokenizer> {
  const [file] = findTokenizerFiles(modelDir)
  if (kind === 'gemma') return createGemmaTokenizer(await readBytePairs(modelDir), layout)
  if (kind === 'siglip') {
    const read = file === 'spiece.model' ? readSentencePiece : readUnigram
    return createSiglipTokenizer(await read(modelDir), layout)
  }
  const read = file === 'vocab.json' ? readVocabulary : readClipVocabulary
  return createClipTokenizer(await read(modelDir), layout)
}

async function readVocabulary(modelDir: string): Promise<TokenizerFiles> {
  const path = join(modelDir, 'vocab.json')
  const [text, merges] = await Promise.all([path, join(modelDir, 'merges.txt')].map(file => readFile(file, 'utf8')))
  const vocab = parse(text as string, path)
  if (!isVocab(vocab)) throw invalid(`Expected pieces and their numbers in ${path}`)
  return { vocab, merges: merges as string }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid(`Expected JSON in ${path}: ${messageOf(cause)}`, cause)
  }
}

function isVocab(value: unknown): value is Record<string, number> {
  return typeof value === 'object' && value !== null && Object.values(value).every(isId)
}

function invalid(message: string, cause?: unknown): WatchwordError {
  return new WatchwordError(message, { code: 'tokenizer-invalid', cause })
}
