/** Every kind of tokenizer, from its files, on 500 texts: test/fixtures/clip/tokenizers/make-vectors.py made the ids. */

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { Tokenizer as Oracle } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../../src/clip/tokenizers/canonicalize.ts'
import { loadTokenizer, type TokenizerOptions } from '../../../src/clip/tokenizers/loadTokenizer.ts'
import { identifyTokenizer } from '../../../src/models/tokenizerFiles.ts'
import type { TokenizerKind } from '../../../src/models/tokenizerKinds.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'
import { clipTokenizerJson } from '../clipTokenizerJson.ts'
import { openaiTokenizerFiles } from '../openaiVocabulary.ts'

const fixtures = fileURLToPath(new URL('../../fixtures/clip/tokenizers', import.meta.url))
const read = (file: string) => JSON.parse(readFileSync(join(fixtures, file), 'utf8'))
const texts: string[] = read('texts.json')
/** null: the text contains a special token, which is one for the reference and literal here. */
const vectors: Record<TokenizerKind, (number[] | null)[]> = read('vectors.json')

/** A folder with these files. */
function folder(entries: Readonly<Record<string, string | Uint8Array>>): string {
  const dir = temporaryFolder()
  for (const [name, content] of Object.entries(entries)) writeFileSync(join(dir, name), content)
  return dir
}

const unzipped = (file: string) => gunzipSync(readFileSync(join(fixtures, file)))
const gemmaFolder = join(fixtures, 'gemma')
const clip = openaiTokenizerFiles()

const FOLDERS: readonly [string, TokenizerKind, () => string][] = [
  ['vocab.json, merges.txt', 'clip-bpe', () => folder({ 'vocab.json': clip.vocabText, 'merges.txt': clip.merges })],
  ['tokenizer.json', 'clip-bpe', () => folder({ 'tokenizer.json': JSON.stringify(clipTokenizerJson(clip)) })],
  ['tokenizer.json', 'gemma', () => gemmaFolder],
  ['spiece.model', 'siglip', () => folder({ 'spiece.model': unzipped('siglip/spiece.model.gz') })],
  ['tokenizer.json', 'siglip', () => folder({ 'tokenizer.json': unzipped('siglip/tokenizer.json.gz') })],
]

const SHAPE = { 'clip-bpe': 1000, gemma: 64, siglip: 64 } as const

const optionsOf = (kind: TokenizerKind, change: Partial<TokenizerOptions> = {}): TokenizerOptions => ({
  kind,
  contextLength: SHAPE[kind],
  padTokenId: null,
  ...change,
})

describe.each(FOLDERS)('%s of %s', (_, kind, makeFolder) => {
  test('is recognised', async () => {
    expect(await identifyTokenizer(makeFolder())).toBe(kind)
  })

  test('gives 500 texts the ids of the reference', async () => {
    const { encode } = await loadTokenizer(makeFolder(), optionsOf(kind))
    const compared = texts.flatMap((text, i) => {
      const expected = vectors[kind][i]
      if (expected === null || expected === undefined) return []
      const { ids, count } = encode(text)
      const got = Array.from(kind === 'clip-bpe' ? ids.subarray(0, count) : ids, Number)
      return [{ text, expected, got }]
    })
    expect(compared.length).toBeGreaterThan(450)
    expect(compared.filter(({ expected, got }) => expected.join() !== got.join())).toEqual([])
  })
})

describe('a row', () => {
  test('of Gemma ends with <eos> and is filled with <pad>, without a start token', async () => {
    const { encode } = await loadTokenizer(gemmaFolder, optionsOf('gemma', { contextLength: 16 }))
    const { ids, count } = encode('dog')
    const row = Array.from(ids, Number)
    expect(row.indexOf(1)).toBe(count - 1)
    expect(row.slice(count)).toEqual(Array(16 - count).fill(0))
    expect(row.slice(0, count - 1).every(id => id > 4)).toBe(true)
  })

  test('of a text that is too long keeps its end token, and says how long the text was', async () => {
    const { encode } = await loadTokenizer(gemmaFolder, optionsOf('gemma', { contextLength: 8 }))
    const { ids, count } = encode('a dog in the street and a cat in the street and another dog')
    expect(count).toBeGreaterThan(8)
    expect(ids[7]).toBe(1n)
    expect(ids.subarray(0, 7)).not.toContain(1n)
  })

  test('can be filled with another token, which towers without a causal mask see', async () => {
    const dir = folder({ 'vocab.json': clip.vocabText, 'merges.txt': clip.merges })
    const { encode } = await loadTokenizer(dir, optionsOf('clip-bpe', { contextLength: 6, padTokenId: 0 }))
    expect(Array.from(encode('a cat').ids, Number)).toEqual([49406, 320, 2368, 49407, 0, 0])
  })
})

test.each(['gemma', 'siglip'] as const)('special tokens in a text of %s are letters', async kind => {
  const dir = kind === 'gemma' ? gemmaFolder : folder({ 'spiece.model': unzipped('siglip/spiece.model.gz') })
  const { encode } = await loadTokenizer(dir, optionsOf(kind))
  expect(encode('a dog </s><eos> <pad>')).toEqual(encode('a dog seos pad'))
})

test('random texts get the ids that Hugging Face’s JavaScript library gives them', async () => {
  const oracle = new Oracle(read('gemma/tokenizer.json'), { tokenizer_class: 'GemmaTokenizer' } as never)
  const { encode } = await loadTokenizer(gemmaFolder, optionsOf('gemma', { contextLength: 500 }))
  const words = fc.constantFrom('dog', 'the', 'street', 'φωτο', 'собаки', '一只狗', 'ééé', 'aaaa', '🐕', '½')
  const mixed = fc.oneof(
    fc.array(words, { maxLength: 12 }).map(list => list.join(' ')),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 30 }),
  )
  fc.assert(
    fc.property(mixed, text => {
      const { ids, count } = encode(text)
      expect(Array.from(ids.subarray(0, count), Number)).toEqual(oracle.encode(canonicalize(text)).ids)
    }),
    { numRuns: 2000, seed: 20261130 },
  )
})

describe('files that are refused', () => {
  const gemma = () => read('gemma/tokenizer.json')
  const unigramJson = (unk_id: number) => ({
    'tokenizer.json': JSON.stringify({ normalizer: null, model: { type: 'Unigram', unk_id, vocab: [['</s>', 0]] } }),
  })
  const broken = (change: (json: ReturnType<typeof gemma>) => unknown) => {
    const json = gemma()
    change(json)
    return { 'tokenizer.json': JSON.stringify(json) }
  }
  test.each<[string, TokenizerKind, Record<string, string>, RegExp]>([
    ['clip-bpe', 'clip-bpe', { 'vocab.json': '{"a": -1}', 'merges.txt': '' }, /^Expected pieces and their numbers in /],
    ['gemma', 'gemma', broken(json => (json.model.vocab.dog = -1)), /got the piece "dog" with the number -1$/],
    [
      'gemma’s added tokens',
      'gemma',
      broken(json => (json.added_tokens = [{ id: -1, content: '<x>' }])),
      /^Expected `added_tokens` to be a list of pieces with ids of at least 0 in /,
    ],
    ['siglip', 'siglip', unigramJson(-1), /^Expected `model\.unk_id` to be the id of the unknown piece in .+, got -1$/],
    ['siglip', 'siglip', unigramJson(1), /^Expected `model\.unk_id` to be an id below 1 in .+, got 1$/],
  ])('ids out of range: %s', async (_, kind, entries, message) => {
    await expect(loadTokenizer(folder(entries), optionsOf(kind))).rejects.toMatchObject({
      code: 'tokenizer-invalid',
      message: expect.stringMatching(message),
    })
  })

  test.each<[string, TokenizerKind, Record<string, string | Uint8Array>]>([
    ['tokenizer-missing', 'clip-bpe', { 'vocab.json': '{}' }],
    ['tokenizer-missing', 'gemma', { 'tokenizer.model': '' }],
    ['tokenizer-invalid', 'clip-bpe', { 'vocab.json': '{"a":', 'merges.txt': '' }],
    ['tokenizer-invalid', 'clip-bpe', { 'vocab.json': '{"a": "b"}', 'merges.txt': '' }],
    ['tokenizer-invalid', 'clip-bpe', { 'vocab.json': '{"a": 1}', 'merges.txt': '' }],
    ['tokenizer-invalid', 'gemma', { 'tokenizer.json': '{"model":' }],
    ['tokenizer-invalid', 'gemma', broken(json => delete json.model.merges)],
    ['tokenizer-invalid', 'gemma', broken(json => json.model.merges.push(['dog', 'nothing']))],
    ['tokenizer-invalid', 'gemma', broken(json => delete json.model.vocab['<0xE9>'])],
    ['tokenizer-invalid', 'siglip', broken(() => {})],
    ['tokenizer-invalid', 'siglip', { 'spiece.model': 'not protobuf' }],
    ['tokenizer-invalid', 'siglip', { 'spiece.model': '' }],
    ['tokenizer-invalid', 'siglip', { 'spiece.model': unzipped('siglip/spiece.model.gz').subarray(0, 5000) }],
  ])('%s, %s: %j', async (code, kind, entries) => {
    await expect(loadTokenizer(folder(entries), optionsOf(kind))).rejects.toMatchObject({ code })
  })
})

test('a folder with both of CLIP’s forms is read from vocab.json, as before', async () => {
  const dir = folder({ 'vocab.json': clip.vocabText, 'merges.txt': clip.merges })
  cpSync(join(gemmaFolder, 'tokenizer.json'), join(dir, 'tokenizer.json'))
  expect(await identifyTokenizer(dir)).toBe('clip-bpe')
})
