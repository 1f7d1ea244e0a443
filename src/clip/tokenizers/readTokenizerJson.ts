/** Reads the vocabulary of a tokenizer.json, Hugging Face's format for all tokenizers. */

import { join } from 'node:path'
import { z } from 'zod'
import { isRecord, parseForeign, quote } from '../../models/parseForeign.ts'
import { WatchwordError } from '../../util/errors.ts'
import { readJson } from '../../util/readFile.ts'
import type { TokenizerFiles } from './createClipTokenizer.ts'
import { type Unigram, withoutControls } from './unigram.ts'

export interface BytePairs {
  readonly vocab: ReadonlyMap<string, number>
  /** The most frequent pair first. */
  readonly merges: readonly (readonly [string, string])[]
}

const ADDED = 'a list of pieces with ids of at least 0'

const bytePairs = z.object({
  added_tokens: z
    .array(z.object({ id: z.int(ADDED).nonnegative(ADDED), content: z.string(ADDED) }, ADDED), ADDED)
    .nullish(),
  // A schema for each of Gemma's 580,000 pairs would take seconds: see `pairOf`.
  model: z.object({ vocab: z.custom(isRecord, 'an object'), merges: z.custom(Array.isArray, 'a list') }, 'an object'),
})

/** @throws WatchwordError `tokenizer-invalid` */
export async function readBytePairs(modelDir: string): Promise<BytePairs> {
  const { json, file } = await readFileOf(modelDir)
  const { model, added_tokens: added } = parseForeign(bytePairs, json, { file, code: 'tokenizer-invalid' })
  const vocab = new Map<string, number>((added ?? []).map(({ content, id }) => [content, id]))
  for (const [piece, id] of Object.entries(model.vocab as object)) {
    if (!isId(id)) raise(file, `the piece ${quote(piece)} with the number ${quote(id)}`)
    vocab.set(piece, id)
  }
  const merges = (model.merges as unknown[]).map(merge => pairOf(merge) ?? raise(file, `the merge ${quote(merge)}`))
  return { vocab, merges }
}

export function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** A list of two pieces, or, in files before 2025, two pieces with a space between them. */
function pairOf(merge: unknown): readonly [string, string] | null {
  const parts: unknown = typeof merge === 'string' ? merge.split(' ') : merge
  const isPair = Array.isArray(parts) && parts.length === 2 && parts.every(part => typeof part === 'string')
  return isPair ? (parts as [string, string]) : null
}

function raise(file: string, got: string): never {
  throw new WatchwordError(`Expected pieces with numbers and pairs of pieces in ${file}, got ${got}`, {
    code: 'tokenizer-invalid',
  })
}

/** The same vocabulary as in vocab.json and merges.txt. @throws WatchwordError `tokenizer-invalid` */
export async function readClipVocabulary(modelDir: string): Promise<TokenizerFiles> {
  const { vocab, merges } = await readBytePairs(modelDir)
  return { vocab: Object.fromEntries(vocab), merges: merges.map(parts => parts.join(' ')).join('\n') }
}

const UNKNOWN = 'the id of the unknown piece'

const unigram = z.object({
  added_tokens: z.array(z.object({ content: z.string() })).nullish(),
  normalizer: z.unknown(),
  model: z
    .object(
      {
        unk_id: z.int(UNKNOWN).nonnegative(UNKNOWN),
        vocab: z.array(z.tuple([z.string(), z.number()], 'a list of pieces and scores'), 'a list of pieces and scores'),
      },
      'an object',
    )
    .superRefine(({ unk_id, vocab }, context) => {
      if (unk_id >= vocab.length)
        context.addIssue({ code: 'custom', path: ['unk_id'], message: `an id below ${vocab.length}` })
    }),
})

/** @throws WatchwordError `tokenizer-invalid` */
export async function readUnigram(modelDir: string): Promise<Unigram> {
  const { json, file } = await readFileOf(modelDir)
  const { model, normalizer, added_tokens: added } = parseForeign(unigram, json, { file, code: 'tokenizer-invalid' })
  const charsmap = findCharsmap(normalizer)
  return withoutControls({
    pieces: model.vocab.map(([text, score]) => ({ text, score })),
    controls: new Set((added ?? []).map(({ content }) => content)),
    unknown: model.unk_id,
    charsmap: charsmap === null ? null : Buffer.from(charsmap, 'base64'),
  })
}

async function readFileOf(modelDir: string): Promise<{ json: unknown; file: string }> {
  const file = join(modelDir, 'tokenizer.json')
  const json = await readJson(file).catch(cause => {
    if (cause instanceof WatchwordError && cause.code === 'json-invalid')
      throw new WatchwordError(cause.message, { code: 'tokenizer-invalid', cause })
    throw cause
  })
  return { json, file }
}

function findCharsmap(normalizer: unknown): string | null {
  if (typeof normalizer !== 'object' || normalizer === null) return null
  if ('precompiled_charsmap' in normalizer && typeof normalizer.precompiled_charsmap === 'string')
    return normalizer.precompiled_charsmap
  const inner = 'normalizers' in normalizer && Array.isArray(normalizer.normalizers) ? normalizer.normalizers : []
  return inner.map(findCharsmap).find(found => found !== null) ?? null
}
