/** The published numbers of ViT-B/32 against a model directory that was made to give them. */

import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkModel } from '../../../src/commands/models/checkModel.ts'
import { checkNumbers } from '../../../src/commands/models/checkNumbers.ts'
import { checkText } from '../../../src/commands/models/checkText.ts'
import { type PublishedNumber, REFERENCE_IMAGES, readReference } from '../../../src/commands/models/readReference.ts'
import { readFrames } from '../../../src/sources/readFrames.ts'
import { normalize } from '../../../src/util/vector.ts'
import { sharedFolder, temporaryFolder } from '../../support/temporaryFolder.ts'
import { writeLookupModel } from './lookupModel.ts'

const NAME = 'clip-vit-base-patch32'
const DIM = 512
const reference = await readReference([NAME])
const numbers = reference?.numbers ?? []

/** Vectors that give all published numbers; `offset` is added to the cosines of Kafka's portrait. */
function vectorsFor(offset: number): { images: Map<string, Float32Array>; texts: Map<string, Float32Array> } {
  const images = new Map<string, Float32Array>()
  const texts = new Map<string, Float32Array>()
  for (const number of numbers) {
    if (number.kind === 'imageVector') images.set(number.image, normalize(number.vector))
    if (number.kind === 'textVector') texts.set(number.text, normalize(number.vector))
  }
  // All other texts are directions of their own, and the images lie between them.
  for (const number of numbers) {
    if (!('texts' in number) || number.image === 'CLIP.png') continue
    const scale = number.kind === 'logits' ? 100 : 1
    const vector = new Float32Array(DIM)
    for (const [i, text] of number.texts.entries()) {
      if (!texts.has(text)) texts.set(text, new Float32Array(DIM).fill(1, texts.size, texts.size + 1))
      const axis = (texts.get(text) as Float32Array).indexOf(1)
      vector[axis] = (number.values[i] as number) / scale + (number.image === 'franz-kafka.jpg' ? offset : 0)
    }
    vector[DIM - 1] = Math.sqrt(1 - vector.reduce((sum, value) => sum + value * value, 0))
    images.set(number.image, vector)
  }
  return { images, texts }
}

async function pixelsOf(image: string): Promise<Uint8Array> {
  const file = reference?.images[image]?.file ?? 'CLIP-diagram-clip224.png'
  for await (const pixels of readFrames(join(REFERENCE_IMAGES, file), { size: 224, fit: 'crop' })) return pixels
  throw new Error(`no pixels in ${file}`)
}

async function makeModel(dir: string, offset = 0): Promise<void> {
  const { images, texts } = vectorsFor(offset)
  const shipped = [...images].filter(([image]) => reference?.images[image]?.file != null)
  const known = await Promise.all(shipped.map(async ([image, vector]) => [await pixelsOf(image), vector] as const))
  await writeLookupModel(dir, NAME, { images: known, texts })
}

describe('a model directory that gives the published numbers', () => {
  const dir = sharedFolder()
  const wrong = sharedFolder()
  // One cache of text vectors, because both models have the same ones.
  const places = { dataDir: sharedFolder() }
  beforeAll(async () => {
    await makeModel(dir)
    await makeModel(wrong, 0.01)
  }, 120_000)

  test('passes each of them; what needs an image that is not here is skipped', async () => {
    const report = await checkModel(dir, { places })
    const states = report.numbers?.map(({ state, what }) => [state, what])
    expect(states?.filter(([state]) => state === 'fail')).toEqual([])
    expect(states?.filter(([state]) => state === 'skipped').map(([, what]) => what)).toEqual([
      'logit of 000000039769.jpg with "a photo of a cat"',
      'logit of 000000039769.jpg with "a photo of a dog"',
    ])
    expect(report.numbers).toHaveLength(37)
    expect(checkText(report)).toMatch(/pass +logit of CLIP\.png with "a diagram" +25\.5528 ± 0\.05 +25\.5528\n/)
    expect(checkText(report)).toContain('35 of 35 published numbers pass (sources: `--json`); 2 skipped: ')
  })

  test('one number that differs fails, and with it the check', async () => {
    const report = await checkModel(wrong, { places })
    const failed = report.numbers?.filter(({ state }) => state === 'fail').map(({ what }) => what)
    expect(failed).toEqual([
      'logit of franz-kafka.jpg with "a photo of a man"',
      'logit of franz-kafka.jpg with "a photo of a woman"',
    ])
    expect(report.passed).toBe(false)
  })

  test('an image that may not be shipped is read from the user’s folder', async () => {
    const images = temporaryFolder()
    copyFileSync(join(REFERENCE_IMAGES, 'clip-retrieval-123_456.jpg'), join(images, '000000039769.png'))
    const report = await checkModel(dir, { places, images })
    expect(report.numbers?.some(({ state }) => state === 'skipped')).toBe(false)
    expect(report.passed).toBe(false)
  })
})

test('a model without published numbers says so; the words of the bundled model recognise each other', async () => {
  const demo = fileURLToPath(new URL('../../../models/demo', import.meta.url))
  const report = await checkModel('demo', { places: { dataDir: temporaryFolder(), bundledDir: demo } })
  expect(report).toMatchObject({ numbers: null, passed: true })
  expect(checkText(report)).toContain('There are no reference numbers for demo')
  expect(checkText(report)).toMatch(/(\d+) of \1 events of the prompt library pass$/)
}, 120_000)

test('a vector of another width, and no number at all, fail', async () => {
  const published: PublishedNumber[] = [
    { kind: 'imageVector', image: 'a', vector: new Float32Array([1, 0]), leastCosine: 0.5, source: 's' },
    { kind: 'logits', image: 'a', texts: ['b'], values: [1], tolerance: 1, source: 's' },
  ]
  const checks = await checkNumbers(published, {
    logitScale: Number.NaN,
    logitBias: 0,
    imageVector: async () => new Float32Array([1, 0, 0]),
    textVectors: async () => [new Float32Array([1, 0, 0])],
    tokenIds: async () => [],
  })
  expect(checks.map(({ state }) => state)).toEqual(['fail', 'fail'])
})

test('SigLIP’s logits have a bias', async () => {
  const siglip = await readReference(['siglip-base-patch16-224'])
  const [cats, dogs] = [0.1, 0.02]
  const checks = await checkNumbers(siglip?.numbers ?? [], {
    logitScale: (-0.7567 + 10.3354) / (cats - dogs),
    logitBias: -0.7567 - (cats * (-0.7567 + 10.3354)) / (cats - dogs),
    imageVector: async () => new Float32Array([1, 0]),
    textVectors: async () => [new Float32Array([cats, 1]), new Float32Array([dogs, 1])],
    tokenIds: async () => [],
  })
  expect(checks.map(({ state }) => state)).toEqual(['pass', 'pass'])
})

test('tokens are compared one by one, their number included', async () => {
  const siglip2 = await readReference(['siglip2-base-patch16-224'])
  const known: Record<string, number[]> = {
    'a photo of a cat': [235250, 2686, 576, 476, 4401, 1],
    // Without SigLIP’s canonical form: a capital letter and a full stop.
    'A photo of a Dog.': [235280, 2686, 576, 476, 10564, 235265, 1],
    '🐶 dog': [241878, 5929],
  }
  const checks = await checkNumbers(siglip2?.numbers ?? [], {
    logitScale: 1,
    logitBias: 0,
    imageVector: async () => null,
    textVectors: async () => [],
    tokenIds: async text => known[text] ?? [],
  })
  expect(checks.map(({ state, found }) => [state, found])).toEqual([
    ['pass', 0],
    ['fail', 4],
    ['fail', 6],
    ['fail', 1],
    ['fail', 7],
    ['fail', 3],
  ])
})

test.each(['../../package', 'nothing', ''])('no reference is read from %j', async name => {
  expect(await readReference([name])).toBeNull()
})
