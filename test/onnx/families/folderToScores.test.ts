/** From a checkpoint's folder to the scores of its events, with the parts that `run` and `detect` use. */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { embedPhrases } from '../../../src/clip/embedPhrases.ts'
import { startEncoder } from '../../../src/clip/startEncoder.ts'
import { clipModelBuilder } from '../../../src/commands/clipModelBuilder.ts'
import { resolveModel } from '../../../src/models/resolveModel.ts'
import { eventScores } from '../../../src/scoring/eventScores.ts'
import { cosine } from '../../../src/util/vector.ts'
import { clipTokenizerJson } from '../../clip/clipTokenizerJson.ts'
import { recordTelemetry } from '../../support/recordTelemetry.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'
import { copyTiny, pictures, readReference, type Tiny } from '../fixtures.ts'

const LETTERS = [...'abcdefghijklmnopqrst']

/** CLIP's tokenizer with letters only, as tokenizer.json alone, as TinyCLIP has it. */
function clipTokenizer(dir: string, end: number): void {
  for (const file of ['vocab.json', 'merges.txt']) rmSync(join(dir, file))
  const pieces = LETTERS.flatMap(letter => [letter, `${letter}</w>`])
  const vocab: Record<string, number> = Object.fromEntries(pieces.map((piece, id) => [piece, id]))
  const special = { '<|startoftext|>': end - 1, '<|endoftext|>': end }
  const json = clipTokenizerJson({ vocab: { ...vocab, ...special }, merges: '#version: 0.2\n' })
  writeFileSync(join(dir, 'tokenizer.json'), JSON.stringify(json))
}

/** SigLIP's tokenizer with letters only. */
function unigramTokenizer(dir: string): void {
  const special = ['<pad>', '</s>', '<unk>']
  const vocab = [...special, '▁', ...LETTERS].map((piece, id) => [piece, -id])
  const added = special.map((content, id) => ({ id, content, special: true }))
  const model = { type: 'Unigram', unk_id: 2, vocab }
  writeFileSync(join(dir, 'tokenizer.json'), JSON.stringify({ added_tokens: added, normalizer: null, model }))
}

it.each<[Tiny, (dir: string) => void]>([
  ['half', dir => clipTokenizer(dir, readReference('half').eosTokenId as number)],
  ['open-clip-quick-custom-proj_bias-squash', dir => clipTokenizer(dir, 56)],
  ['open-clip-proj_bias-sees_padding-half-squash', dir => clipTokenizer(dir, 50)],
  ['siglip-p16', unigramTokenizer],
])('%s', async (name, makeTokenizer) => {
  const dataDir = temporaryFolder()
  const dir = copyTiny(name, makeTokenizer)
  const model = await resolveModel(dir, { variant: 'int8', dataDir, modelBuilder: clipModelBuilder })
  expect(model.variants).toEqual(['fp32', 'int8'])
  const telemetry = recordTelemetry()
  const event = { event: 'cat', prompts: ['a cat'], negativePrompts: ['a dog', 'grass'], levels: null }
  const places = { modelDir: model.dir, cacheDir: join(dataDir, 'texts') }
  const texts = await embedPhrases({ ...places, variant: 'fp32', events: [event] }, telemetry)
  const encoder = await startEncoder({ modelDir: model.dir, variant: 'fp32' }, telemetry)
  onTestFinished(() => encoder.close())
  const { size, imageEmbeds } = readReference(name)
  const pixels = pictures(3, size)
  const length = pixels.length / 3
  const { embeddings } = await encoder.encode([0, 1, 2].map(i => pixels.slice(i * length, (i + 1) * length)))
  for (const [i, embedding] of embeddings.entries()) {
    expect(cosine(embedding, Float32Array.from(imageEmbeds[i] ?? []))).toBeGreaterThan(0.99999)
    const { cat } = eventScores(embedding, texts, texts.events)
    expect(cat).toBeGreaterThanOrEqual(0)
    expect(cat).toBeLessThanOrEqual(1)
  }
  const [{ positive, contrast } = { positive: new Float32Array(), contrast: [] }] = texts.events
  expect(Math.abs(cosine(positive, contrast[0] as Float32Array))).toBeLessThan(0.9999)
})
