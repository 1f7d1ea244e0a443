import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type ModelCard, readModelCard, writeModelCard } from '../../src/models/modelCard.ts'
import { readVariantCard, type VariantCard, writeVariantCard } from '../../src/models/variantCard.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const model: ModelCard = {
  name: 'm',
  source: 'here',
  revision: null,
  sourceSha256: 'a'.repeat(64),
  imageSize: 224,
  patchSize: 32,
  embedDim: 512,
  contextLength: 77,
  vocabSize: 49408,
  eosTokenId: 49407,
  logitScale: 100,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
  tokenizer: 'clip-bpe',
  text: { padTokenId: 0 },
  logitBias: -12.5,
  fit: 'stretch',
  vision: { input: 'pixels' },
  parameters: { vision: 1, text: 2 },
}

const variant: VariantCard = {
  variant: 'slim-50+int8',
  recipe: ['slim 50 %', 'int8'],
  file: 'vision.slim-50+int8.onnx',
  bytes: 1,
  sha256: 'b'.repeat(64),
  sourceSha256: 'a'.repeat(64),
  parameters: { total: 2, nonZero: 1 },
  sparsity: 0.5,
  cosine: { mean: 0.99, min: 0.9, frames: 10 },
  agreement: 1,
  calibration: { centre: 0, width: 1 },
  cpu: { model: 'x', flags: ['avx2'], int8Kernel: 'u8s8' },
  createdBy: 'watchword 0.1.0',
}

it('come back as they were written', async () => {
  const dir = temporaryFolder()
  await writeModelCard(dir, model)
  await writeVariantCard(dir, variant)
  await writeVariantCard(dir, { ...variant, variant: 'fp32', cosine: null, agreement: null })
  expect(await readModelCard(dir)).toEqual(model)
  expect(await readVariantCard(dir, 'slim-50+int8')).toEqual(variant)
  expect((await readVariantCard(dir, 'fp32')).cosine).toBeNull()
})

it('a model card without the keys for SigLIP is one of CLIP', async () => {
  const dir = temporaryFolder()
  const { text, logitBias, fit, ...older } = model
  writeFileSync(join(dir, 'model.json'), JSON.stringify(older))
  expect(await readModelCard(dir)).toEqual({
    ...older,
    text: { padTokenId: null },
    logitBias: 0,
    fit: 'crop',
  })
})

it('an older model card may say whether texts have a fixed length', async () => {
  const dir = temporaryFolder()
  writeFileSync(join(dir, 'model.json'), JSON.stringify({ ...model, text: { fixedLength: true, padTokenId: 0 } }))
  expect(await readModelCard(dir)).toEqual(model)
})

it.each([
  ['text.padTokenId', { text: { padTokenId: -1 } }, '`text.padTokenId` to be a whole number of at least 0'],
  ['fit', { fit: 'pad' }, "`fit` to be 'crop', 'stretch' or 'letterbox'"],
  ['logitScale', { logitScale: 0 }, '`logitScale` to be a number above 0'],
  ['mean', { mean: [0.5, 0.5] }, '`mean` to be three numbers'],
  ['sourceSha256', { sourceSha256: 'x' }, '`sourceSha256` to be 64 hex digits'],
  ['vision.input', { vision: { input: 'image' } }, "`vision.input` to be 'pixels' or 'pixel_values'"],
  ['vision', { vision: null }, '`vision` to be an object'],
  ['imageSize', { imageSize: undefined }, '`imageSize` to be a whole number above 0'],
])('a model card says which key is wrong: %s', async (_, change, message) => {
  const dir = temporaryFolder()
  writeFileSync(join(dir, 'model.json'), JSON.stringify({ ...model, ...change }))
  await expect(readModelCard(dir)).rejects.toMatchObject({
    code: 'model-card-invalid',
    message: expect.stringContaining(`Expected ${message} in ${join(dir, 'model.json')}`),
  })
})

it.each([
  ['a file elsewhere', { file: '../vision.onnx' }, '`file` to be a file name'],
  ['a share beyond 1', { agreement: 1.5 }, '`agreement` to be a number in [0, 1] or null'],
  ['a width of 0', { calibration: { centre: 0, width: 0 } }, '`calibration.width` to be a number above 0'],
  ['half a cosine', { cosine: { mean: 1 } }, '`cosine.min` to be a number'],
  ['text as a cosine', { cosine: 'high' }, '`cosine` to be {mean, min, frames} or null'],
  [
    'an unknown kernel',
    { cpu: { model: 'x', flags: [], int8Kernel: 's8s8' } },
    '`cpu.int8Kernel` to be u8s8, u8u8 or null',
  ],
  ['a flag that is no text', { cpu: { model: 'x', flags: [1] } }, '`cpu.flags` to be a list of texts'],
])('a variant card may not have %s', async (_, change, message) => {
  const dir = temporaryFolder()
  writeFileSync(join(dir, 'fp32.json'), JSON.stringify({ ...variant, ...change }))
  await expect(readVariantCard(dir, 'fp32')).rejects.toMatchObject({ message: expect.stringContaining(message) })
})

it('a variant card of an earlier version, without the kernel, is read', async () => {
  const dir = temporaryFolder()
  writeFileSync(join(dir, 'fp32.json'), JSON.stringify({ ...variant, cpu: { model: 'x', flags: [] } }))
  expect((await readVariantCard(dir, 'fp32')).cpu).toEqual({ model: 'x', flags: [], int8Kernel: null })
})

it('the error for a missing or cut card has a remedy', async () => {
  const dir = temporaryFolder()
  await expect(readModelCard(dir)).rejects.toMatchObject({
    code: 'model-missing',
    hint: expect.stringContaining('optimize'),
  })
  writeFileSync(join(dir, 'fp32.json'), '{"variant"')
  await expect(readVariantCard(dir, 'fp32')).rejects.toMatchObject({ code: 'model-card-invalid' })
})
