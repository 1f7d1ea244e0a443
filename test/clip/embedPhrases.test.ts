import { copyFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_BACKGROUND, DEFAULT_TEMPLATES } from '../../src/clip/defaultPhrases.ts'
import { type EventPhrases, embedPhrases, type TextOptions } from '../../src/clip/embedPhrases.ts'
import { loadTokenizer } from '../../src/clip/tokenizers/loadTokenizer.ts'
import { cosine, dot, normalize } from '../../src/util/vector.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const modelDir = fileURLToPath(new URL('../fixtures/clip/tiny', import.meta.url))

/** The vector of one text, straight from onnxruntime. */
let vectorOf: (text: string) => Promise<Float32Array>
beforeAll(async () => {
  const session = await InferenceSession.create(join(modelDir, 'text.onnx'))
  const tokenizer = await loadTokenizer(modelDir, { kind: 'clip-bpe', contextLength: 12, padTokenId: null })
  vectorOf = async text => {
    const outputs = await session.run({ input_ids: new Tensor('int64', tokenizer.encode(text).ids, [1, 12]) })
    return normalize(outputs.text_embeds?.data as Float32Array)
  }
})

function cacheDir(): string {
  const dir = temporaryFolder()
  return dir
}

const cat: EventPhrases = { event: 'cat', prompts: ['cat'], negativePrompts: ['dog'], levels: null }

async function embed(options: Partial<TextOptions> = {}, telemetry = recordTelemetry()) {
  const defaults = { modelDir, variant: 'fp32', events: [cat], templates: ['{}'], background: ['sky'] }
  const texts = await embedPhrases({ ...defaults, cacheDir: cacheDir(), ...options }, telemetry)
  return { texts, events: texts.events, telemetry }
}

test('a prompt has its own vector; the contrast is `negative_prompts`, then the background', async () => {
  const { texts, events } = await embed()
  expect(texts).toMatchObject({ variant: 'fp32', logitScale: 100, calibration: { centre: 0.5, width: 2 } })
  expect(events).toHaveLength(1)
  const [event] = events
  expect(event?.levels).toBeNull()
  expect(cosine(event?.positive as Float32Array, await vectorOf('cat'))).toBeCloseTo(1, 5)
  expect(event?.contrast).toHaveLength(2)
  for (const [i, phrase] of ['dog', 'sky'].entries())
    expect(cosine(event?.contrast[i] as Float32Array, await vectorOf(phrase))).toBeCloseTo(1, 5)
})

test('an event knows its phrases: each with its own vector, the contrast in the order of its vectors', async () => {
  const { events } = await embed({ events: [{ ...cat, prompts: ['cat', ' puma'] }], background: ['sky', 'puma'] })
  const { words, contrast } = events[0] as (typeof events)[number]
  expect(words?.prompts.map(({ text }) => text)).toEqual(['cat', 'puma'])
  expect(words?.contrast.map(({ text }) => text)).toEqual(['dog', 'sky'])
  expect(words).toMatchObject({ ownContrasts: 1, levels: null })
  expect(words?.contrast.map(({ vector }) => vector)).toEqual(contrast)
  expect(cosine(words?.prompts[1]?.vector as Float32Array, await vectorOf('puma'))).toBeCloseTo(1, 5)
  const tokenizer = await loadTokenizer(modelDir, { kind: 'clip-bpe', contextLength: 12, padTokenId: null })
  expect(words?.prompts[1]?.tokens).toBe(tokenizer.encode('puma').count)
})

test('prompts and templates are averaged: every pair weighs the same', async () => {
  const templates = ['a {}', 'my {}!']
  const { events } = await embed({ templates, events: [{ ...cat, prompts: ['cat', 'puma'] }] })
  const vectors = await Promise.all(['a cat', 'my cat!', 'a puma', 'my puma!'].map(text => vectorOf(text)))
  const sum = (vectors[0] as Float32Array).map((_, i) => vectors.reduce((total, v) => total + (v[i] as number), 0))
  expect(cosine(events[0]?.positive as Float32Array, sum)).toBeCloseTo(1, 5)
})

test('all vectors have length 1', async () => {
  const levels = ['none', 'some', 'many']
  const { events } = await embed({ templates: ['{}', 'a {}'], events: [cat, { ...cat, event: 'cats', levels }] })
  const vectors = events.flatMap(({ positive, contrast, levels }) => [positive, ...contrast, ...(levels ?? [])])
  expect(vectors).toHaveLength(2 * 3 + 3)
  for (const vector of vectors) expect(dot(vector, vector)).toBeCloseTo(1, 5)
})

test('levels keep their order, and the last stands for an event without prompts', async () => {
  const { events } = await embed({
    events: [{ event: 'crowd', prompts: [], negativePrompts: [], levels: ['none', 'few', 'many'] }],
  })
  for (const [i, phrase] of ['none', 'few', 'many'].entries())
    expect(cosine(events[0]?.levels?.[i] as Float32Array, await vectorOf(phrase))).toBeCloseTo(1, 5)
  expect(cosine(events[0]?.positive as Float32Array, await vectorOf('many'))).toBeCloseTo(1, 5)
})

test('an event’s own prompts are not in its contrast, and no phrase is in it twice', async () => {
  const { events } = await embed({ background: ['sky', 'cat', ' dog '], events: [cat] })
  expect(events[0]?.contrast).toHaveLength(2)
})

test('the defaults are used when nothing else is configured', async () => {
  const options: TextOptions = { modelDir, variant: 'int8', events: [cat], cacheDir: cacheDir() }
  const { events, variant } = await embedPhrases(options, recordTelemetry())
  expect(variant).toBe('int8')
  expect(events[0]?.contrast).toHaveLength(1 + DEFAULT_BACKGROUND.length)
  const vectors = await Promise.all(DEFAULT_TEMPLATES.map(template => vectorOf(template.replace('{}', 'cat'))))
  const sum = (vectors[0] as Float32Array).map((_, i) => vectors.reduce((total, v) => total + (v[i] as number), 0))
  expect(cosine(events[0]?.positive as Float32Array, sum)).toBeCloseTo(1, 5)
})

test('dollar signs in a phrase are literal', async () => {
  const { events } = await embed({ templates: ['a {}'], events: [{ ...cat, prompts: ["$&$'"] }] })
  expect(cosine(events[0]?.positive as Float32Array, await vectorOf("a $&$'"))).toBeCloseTo(1, 5)
})

test('more texts than one batch keep their order', async () => {
  const prompts = Array.from({ length: 70 }, (_, i) => `n${i}`)
  const { events } = await embed({ events: prompts.map(prompt => ({ ...cat, event: prompt, prompts: [prompt] })) })
  expect(cosine(events[69]?.positive as Float32Array, await vectorOf('n69'))).toBeCloseTo(1, 5)
})

describe('a prompt beyond the context', () => {
  test('is truncated, and reported once with its longest form', async () => {
    const long = 'abcdefghijklm'
    const { telemetry } = await embed({ templates: ['{}', 'a {}'], events: [{ ...cat, prompts: [long] }] })
    expect(telemetry.internalEvents).toEqual([{ type: 'PromptTruncated', prompt: long, tokens: 16, context: 12 }])
  })

  test('is reported again when it comes from the cache', async () => {
    const options = { cacheDir: cacheDir(), events: [{ ...cat, prompts: ['abcdefghijklm'] }] }
    await embed(options)
    const { telemetry } = await embed(options)
    expect(telemetry.of('PromptTruncated')).toHaveLength(1)
  })
})

describe('the cache', () => {
  const files = (dir: string) =>
    readdirSync(dir, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())

  test('gives the same vectors without the text tower', async () => {
    const dir = cacheDir()
    const first = await embed({ cacheDir: dir })
    const copy = temporaryFolder()
    for (const file of ['model.json', 'fp32.json', 'vocab.json', 'merges.txt'])
      copyFileSync(join(modelDir, file), join(copy, file))
    const second = await embed({ cacheDir: dir, modelDir: copy })
    expect(second.texts).toEqual(first.texts)
    expect(files(dir)).toHaveLength(3)
    await expect(embed({ cacheDir: dir, modelDir: copy, background: ['new'] })).rejects.toMatchObject({
      code: 'model-unusable',
    })
  })

  test('another text tower of the same weights has vectors of its own', async () => {
    const dir = cacheDir()
    await embed({ cacheDir: dir })
    const copy = temporaryFolder()
    cpSync(modelDir, copy, { recursive: true })
    const card = JSON.parse(readFileSync(join(copy, 'model.json'), 'utf8'))
    writeFileSync(join(copy, 'model.json'), JSON.stringify({ ...card, textSha256: '0'.repeat(64) }))
    await embed({ cacheDir: dir, modelDir: copy })
    expect(files(dir)).toHaveLength(6)
  })

  test.each([
    ['cut short', (path: string, bytes: Buffer) => writeFileSync(path, bytes.subarray(0, 20))],
    [
      'a flipped bit',
      (path: string, bytes: Buffer) =>
        writeFileSync(
          path,
          bytes.map((b, i) => (i === 5 ? b ^ 1 : b)),
        ),
    ],
    ['empty', (path: string) => writeFileSync(path, '')],
  ])('a file that is damaged is made again: %s', async (_, damage) => {
    const dir = cacheDir()
    const first = await embed({ cacheDir: dir })
    const paths = files(dir).map(entry => join(entry.parentPath, entry.name))
    const whole = paths.map(path => readFileSync(path))
    paths.forEach((path, i) => {
      damage(path, whole[i] as Buffer)
    })
    const second = await embed({ cacheDir: dir })
    expect(second.texts).toEqual(first.texts)
    expect(paths.map(path => readFileSync(path))).toEqual(whole)
  })

  test('reports the encoding of phrases that are not cached, and only of those', async () => {
    const steps: string[] = []
    const options = { cacheDir: cacheDir(), onStep: (step: string) => steps.push(step) }
    await embed(options)
    await embed(options)
    expect(steps).toEqual(['Encoding 3 phrases (once)'])
  })

  test('other templates give other vectors', async () => {
    const dir = cacheDir()
    const first = await embed({ cacheDir: dir })
    const second = await embed({ cacheDir: dir, templates: ['a {}'] })
    expect(second.texts).not.toEqual(first.texts)
    expect(files(dir)).toHaveLength(6)
  })

  test('an unwritable cache costs only time', async () => {
    const blocked = join(cacheDir(), 'file')
    writeFileSync(blocked, '')
    const { events } = await embed({ cacheDir: blocked })
    expect(events).toHaveLength(1)
  })
})

describe('words that are missing', () => {
  test.each([
    ['prompts-missing', { prompts: [] }],
    ['prompts-missing', { prompts: [], levels: ['one'] }],
    ['prompt-empty', { prompts: ['cat', '  '] }],
    ['prompt-empty', { negativePrompts: [''] }],
    ['contrast-missing', { negativePrompts: [] }],
  ])('%s: %j', async (code, change) => {
    await expect(embed({ background: [], events: [{ ...cat, ...change }] })).rejects.toMatchObject({ code })
  })
})
