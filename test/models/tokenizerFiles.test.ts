import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findTokenizerFiles, identifyTokenizer } from '../../src/models/tokenizerFiles.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

function folder(entries: Readonly<Record<string, string>>): string {
  const dir = temporaryFolder()
  for (const [name, text] of Object.entries(entries)) writeFileSync(join(dir, name), text)
  return dir
}

const gemma = {
  normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
  pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious' },
  model: { type: 'BPE', byte_fallback: true, vocab: {}, merges: [] },
}
const clipPattern =
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"
const split = (pattern: string) => ({ type: 'Split', pattern: { Regex: pattern }, behavior: 'Removed', invert: true })
const sequence = (...pretokenizers: unknown[]) => ({ type: 'Sequence', pretokenizers })
const clip = {
  pre_tokenizer: sequence(split(clipPattern), { type: 'ByteLevel' }),
  model: { type: 'BPE', end_of_word_suffix: '</w>', vocab: {} },
}
const siglip = { model: { type: 'Unigram', unk_id: 2, vocab: [] } }
const lower = { type: 'Lowercase' }

test.each([
  ['gemma', gemma],
  // As transformers 5 writes it.
  ['gemma', { ...gemma, normalizer: { type: 'Sequence', normalizers: [lower, gemma.normalizer] } }],
  ['clip-bpe', clip],
  ['siglip', siglip],
  ['siglip', { ...siglip, pre_tokenizer: sequence({ type: 'WhitespaceSplit' }, { type: 'Metaspace' }) }],
  // The vocabulary may stand in front of what is needed.
  ['gemma', { model: { vocab: { a: 1 }, merges: [], type: 'BPE', byte_fallback: true } }],
])('%s: %j', async (kind, json) => {
  expect(await identifyTokenizer(folder({ 'tokenizer.json': JSON.stringify(json) }))).toBe(kind)
})

test.each([
  ['got WordPiece', { model: { type: 'WordPiece', vocab: {} } }],
  ['got byte-pair encoding of another form', { model: { type: 'BPE', vocab: {} } }],
  ['got no model type', { model: { vocab: {} } }],
  ['a tokenizer with a `model`', {}],
  ['the pre-tokenizer {"type":"ByteLevel"}', { ...gemma, pre_tokenizer: { type: 'ByteLevel' } }],
  ['the pre-tokenizer {"type":"Digits"}', { ...clip, pre_tokenizer: sequence({ type: 'Digits' }) }],
  ['the pre-tokenizer {"type":"Split"', { ...clip, pre_tokenizer: split('\\s+') }],
  ['the pre-tokenizer {"type":"Split"', { ...gemma, pre_tokenizer: split(clipPattern) }],
  ['the normalizer {"type":"Prepend","prepend":"▁"}', { ...gemma, normalizer: { type: 'Prepend', prepend: '▁' } }],
  ['the normalizer {"type":"Replace"', { ...siglip, normalizer: { type: 'Replace', content: 'x' } }],
])('one line refuses a tokenizer.json: %s', async (message, json) => {
  await expect(identifyTokenizer(folder({ 'tokenizer.json': JSON.stringify(json) }))).rejects.toMatchObject({
    code: 'tokenizer-invalid',
    message: expect.stringContaining(message),
  })
})

test('text that is no JSON is refused', async () => {
  const error = identifyTokenizer(folder({ 'tokenizer.json': 'version https://git-lfs.github.com/spec/v1' }))
  await expect(error).rejects.toMatchObject({ code: 'tokenizer-invalid' })
})

test('the files that are read and copied', () => {
  const all = { 'vocab.json': '', 'merges.txt': '', 'spiece.model': '', 'tokenizer.json': '' }
  const { 'merges.txt': _, ...withoutMerges } = all
  expect(findTokenizerFiles(folder(all))).toEqual(['vocab.json', 'merges.txt'])
  expect(findTokenizerFiles(folder(withoutMerges))).toEqual(['spiece.model'])
  expect(findTokenizerFiles(folder({ 'tokenizer.json': '' }))).toEqual(['tokenizer.json'])
})

test.each([
  ['none', {}],
  ['only merges.txt', { 'merges.txt': '' }],
  ['only tokenizer.model', { 'tokenizer.model': '' }],
])('an incomplete tokenizer: found %s', (found, entries) => {
  expect(() => findTokenizerFiles(folder(entries))).toThrow(
    expect.objectContaining({ code: 'tokenizer-missing', message: expect.stringContaining(`found ${found}`) }),
  )
})
