import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Tokenizer as Oracle } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createClipTokenizer, type TokenizerFiles } from '../../../src/clip/tokenizers/createClipTokenizer.ts'
import { unescapeHtml } from '../../../src/clip/unescapeHtml.ts'
import { clipTokenizerJson } from '../clipTokenizerJson.ts'
import { openaiTokenizerFiles } from '../openaiVocabulary.ts'

interface Vector {
  readonly text: string
  readonly ids?: readonly number[]
  readonly ids_untruncated_length?: number
  readonly ids_truncated_77?: readonly number[]
}

const fixture = new URL('../../fixtures/clip/token-vectors.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Vector[] }
const files = openaiTokenizerFiles()
const [START, END] = [49406, 49407]

/** Rows of this length, padded as Hugging Face does it. */
const rows = (contextLength: number) => ({ contextLength, padTokenId: null })
const openai = createClipTokenizer(files, rows(77))

function idsOf(text: string, { tokenizer = openai, markup = false } = {}): number[] {
  const { ids, count } = tokenizer.encode(text, { markup })
  return Array.from(ids.subarray(0, Math.min(count, tokenizer.contextLength)), Number)
}

describe('the vectors of openai/CLIP', () => {
  test.each(cases.filter(({ ids }) => ids !== undefined))('$text', ({ text, ids }) => {
    expect(idsOf(text, { markup: true })).toEqual(ids)
  })

  test.each(cases.filter(({ ids }) => ids === undefined))('cut to 77: $text', vector => {
    const { ids, count } = openai.encode(vector.text)
    expect(count).toBe(vector.ids_untruncated_length)
    expect(Array.from(ids, Number)).toEqual(vector.ids_truncated_77)
  })
})

test('after the text the end token fills the context', () => {
  const { ids, count } = createClipTokenizer(files, rows(10)).encode('a cat')
  expect(count).toBe(4)
  expect(Array.from(ids, Number)).toEqual([START, 320, 2368, END, END, END, END, END, END, END])
})

test.each([3, 5, 16])('a context of %i keeps the start and ends with the end token', context => {
  const ids = idsOf('a person walking a dog on the sidewalk in the rain at night by the river', {
    tokenizer: createClipTokenizer(files, rows(context)),
  })
  expect(ids).toHaveLength(context)
  expect(ids.slice(0, 2)).toEqual([START, 320])
  expect(ids.indexOf(END)).toBe(context - 1)
})

test('a prompt is literal: it cannot name special tokens', () => {
  const ids = idsOf('a cat <|endoftext|> a dog <|startoftext|>')
  expect(ids.filter(id => id === START)).toHaveLength(1)
  expect(ids.filter(id => id === END)).toHaveLength(1)
})

test('composed and decomposed letters are the same word', () => {
  expect(idsOf('cafe\u0301')).toEqual(idsOf('café'))
})

const demo = fileURLToPath(new URL('../../../models/demo', import.meta.url))
const demoFiles: TokenizerFiles = {
  vocab: JSON.parse(readFileSync(join(demo, 'vocab.json'), 'utf8')),
  merges: readFileSync(join(demo, 'merges.txt'), 'utf8'),
}

test.each([
  ['OpenAI’s vocabulary', files],
  ['the bundled model’s vocabulary', demoFiles],
])('random texts get the ids that Hugging Face gives them: %s', (_, vocabulary) => {
  const oracle = createOracle(vocabulary)
  const tokenizer = createClipTokenizer(vocabulary, rows(500))
  const words = fc.constantFrom(
    'a',
    'walking',
    "it's",
    "DON'T",
    '&amp;',
    '3.5',
    '日本',
    '🚗',
    'naïve',
    '--',
    'ßtraße',
    '\t',
  )
  const texts = fc.oneof(
    fc.array(words, { maxLength: 12 }).map(list => list.join(' ')),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 30 }),
  )
  fc.assert(
    fc.property(texts, text => {
      // Hugging Face unescapes no HTML, and reads special tokens in the text.
      const plain = unescapeHtml(unescapeHtml(text))
      fc.pre(!plain.includes('<|') && sameSpaces(plain))
      expect(idsOf(text, { tokenizer })).toEqual(oracle.encode(plain).ids)
    }),
    { numRuns: 2000, seed: 20261124 },
  )
})

test('a small vocabulary leaves out unknown pieces', () => {
  const vocab = { a: 0, 'a</w>': 1, 'c</w>': 2, 'ca</w>': 3, c: 4, '<|startoftext|>': 5, '<|endoftext|>': 6 }
  const small = createClipTokenizer({ vocab, merges: '#version: 0.2\nc a</w>\n' }, rows(8))
  expect(Array.from(small.encode('ca a?').ids, Number)).toEqual([5, 3, 1, 6, 6, 6, 6, 6])
})

/** JavaScript's and Rust's idea of white space differ in a few characters; openai/CLIP is Python. */
function sameSpaces(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the difference
  return !/[\x1c-\x1f\x85\ufeff\u180e\u200b-\u200f\u2060]/.test(text)
}

function createOracle(files: TokenizerFiles): Oracle {
  return new Oracle(clipTokenizerJson(files) as never, { tokenizer_class: 'CLIPTokenizer' } as never)
}
