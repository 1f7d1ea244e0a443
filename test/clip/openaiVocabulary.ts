/** OpenAI's CLIP vocabulary, rebuilt from its merges. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { END_TOKEN, START_TOKEN, type TokenizerFiles } from '../../src/clip/tokenizers/createClipTokenizer.ts'

/** sha256 of the hub's vocab.json, as several public repositories pin it. */
const VOCAB_SHA256 = '5047b556ce86ccaf6aa22b3ffccfc52d391ea4accdab9c2f2407da5b742d4363'

export function openaiTokenizerFiles(): TokenizerFiles & { readonly vocabText: string } {
  const fixture = new URL('../fixtures/clip/merges.txt.gz', import.meta.url)
  const merges = gunzipSync(readFileSync(fixture)).toString('utf8')
  const joined = merges
    .split('\n')
    .slice(1)
    .filter(Boolean)
    .map(pair => pair.replace(' ', ''))
  const bytes = byteLetters()
  const pieces = [...bytes, ...bytes.map(letter => `${letter}</w>`), ...joined, START_TOKEN, END_TOKEN]
  const vocabText = `{${pieces.map((piece, id) => `${JSON.stringify(piece)}:${id}`).join(',')}}`
  const sha256 = createHash('sha256').update(vocabText).digest('hex')
  if (sha256 !== VOCAB_SHA256) throw new Error(`Expected the vocabulary ${VOCAB_SHA256}, got ${sha256}`)
  return { merges, vocabText, vocab: JSON.parse(vocabText) }
}

/** GPT-2's order: the printable bytes, then the stand-ins of the others. */
function byteLetters(): string[] {
  const codes = Array.from({ length: 256 }, (_, code) => code)
  const printable = codes.filter(code => (code >= 33 && code <= 126) || (code >= 161 && code !== 173))
  const others = Array.from({ length: 256 - printable.length }, (_, place) => 256 + place)
  return [...printable, ...others].map(code => String.fromCharCode(code))
}
