import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readModelCard } from '../../src/models/modelCard.ts'
import { readVariantCard } from '../../src/models/variantCard.ts'
import { exportModel } from '../../src/onnx/exportModel.ts'
import { measureFile } from '../../src/onnx/onnxFile.ts'
import { cosine } from '../../src/util/vector.ts'
import { canMount, mountSmallDisk } from '../support/smallDisk.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { copyTiny, idTensor, pictures, pixelTensor, pixelValueTensor, readReference, runFile } from './fixtures.ts'

const FILES = ['fp32.json', 'merges.txt', 'model.json', 'text.onnx', 'vision.fp32.onnx', 'vocab.json']

it('writes a model directory that runs and describes itself', async () => {
  const checkpointDir = copyTiny('quick-gelu-p32')
  const outputDir = join(temporaryFolder(), 'made', 'here')
  const reference = readReference('quick-gelu-p32')
  const card = await exportModel({ checkpointDir, outputDir, createdBy: 'watchword 1.2.3' })
  expect(readdirSync(outputDir).sort()).toEqual(FILES)
  expect(await readModelCard(outputDir)).toEqual(card)
  expect(card).toMatchObject({
    name: 'quick-gelu-p32',
    source: checkpointDir,
    revision: null,
    imageSize: 96,
    patchSize: 32,
    embedDim: 24,
    contextLength: 16,
    vocabSize: 300,
    eosTokenId: reference.eosTokenId,
    vision: { input: 'pixels' },
  })
  expect(card.logitScale).toBeCloseTo(reference.logitScale, 4)
  expect(card.parameters.vision + card.parameters.text).toBe(reference.parameters)
  const variant = await readVariantCard(outputDir, 'fp32')
  expect(variant).toMatchObject({
    ...measureFile(join(outputDir, 'vision.fp32.onnx')),
    variant: 'fp32',
    file: 'vision.fp32.onnx',
    sourceSha256: card.sourceSha256,
    parameters: { total: card.parameters.vision, nonZero: card.parameters.vision },
    sparsity: 0,
    calibration: { centre: expect.closeTo(card.logitScale / 20, 9), width: expect.closeTo(card.logitScale / 100, 9) },
    createdBy: 'watchword 1.2.3',
  })
  const [picture] = await runFile(join(outputDir, 'vision.fp32.onnx'), pixelTensor(pictures(1, 96), 96))
  const [text] = await runFile(join(outputDir, 'text.onnx'), idTensor(reference.inputIds))
  expect(cosine(picture as Float32Array, Float32Array.from(reference.imageEmbeds[0] ?? []))).toBeGreaterThan(0.99999)
  expect(cosine(text as Float32Array, Float32Array.from(reference.textEmbeds[0] ?? []))).toBeGreaterThan(0.99999)
})

it.each([
  ['open-clip-quick-custom-proj_bias-squash', { fit: 'stretch', logitBias: -10, tokenizer: 'clip-bpe' }, false],
  ['open-clip-custom-no_ln_pre-proj_bias-sees_padding', { fit: 'crop', logitBias: -10 }, true],
  ['siglip-p16', { fit: 'stretch', tokenizer: 'gemma', mean: [0.5, 0.5, 0.5] }, true],
] as const)('describes %s on its card', async (name, fields, seesPadding) => {
  const reference = readReference(name)
  const outputDir = temporaryFolder()
  const card = await exportModel({ checkpointDir: copyTiny(name), outputDir })
  expect(await readModelCard(outputDir)).toEqual(card)
  expect(card).toMatchObject({
    ...fields,
    imageSize: reference.size,
    embedDim: reference.imageEmbeds[0]?.length,
    contextLength: reference.inputIds[0]?.length,
  })
  expect(card.text).toEqual({ padTokenId: name.startsWith('open-clip') && seesPadding ? 0 : null })
  expect(card.logitScale).toBeCloseTo(reference.logitScale, 3)
  expect(card.logitBias).toBeCloseTo(reference.logitBias ?? 0, 5)
  expect(card.parameters.vision + card.parameters.text).toBe(reference.parameters)
})

it('copies the tokenizer that is there', async () => {
  const outputDir = temporaryFolder()
  const checkpointDir = copyTiny('half', dir => {
    const token = { id: readReference('half').eosTokenId, content: '<|endoftext|>' }
    const model = { type: 'BPE', end_of_word_suffix: '</w>', vocab: {} }
    writeFileSync(join(dir, 'tokenizer.json'), JSON.stringify({ model, added_tokens: [token] }))
    for (const file of ['vocab.json', 'merges.txt']) rmSync(join(dir, file))
  })
  const card = await exportModel({ checkpointDir, outputDir })
  expect(card.eosTokenId).toBe(readReference('half').eosTokenId)
  expect(readdirSync(outputDir).sort()).toEqual(
    FILES.filter(file => !['merges.txt', 'vocab.json'].includes(file))
      .concat('tokenizer.json')
      .sort(),
  )
})

it('writes plain graphs when `plain` is set', async () => {
  const outputDir = temporaryFolder()
  const options = { checkpointDir: copyTiny('half'), outputDir, plain: true, name: 'other', revision: 'abc' }
  expect(await exportModel(options)).toMatchObject({
    vision: { input: 'pixel_values' },
    name: 'other',
    revision: 'abc',
  })
  const { imageEmbeds, size } = readReference('half')
  const [row] = await runFile(join(outputDir, 'vision.fp32.onnx'), pixelValueTensor(pictures(1, size), size))
  expect(cosine(row as Float32Array, Float32Array.from(imageEmbeds[0] ?? []))).toBeGreaterThan(0.99999)
})

it('is the same bytes each time', async () => {
  const checkpointDir = copyTiny('brain')
  const [first, second] = [temporaryFolder(), temporaryFolder()]
  await exportModel({ checkpointDir, outputDir: first })
  await exportModel({ checkpointDir, outputDir: second })
  for (const file of FILES) expect(readFileSync(join(first, file))).toEqual(readFileSync(join(second, file)))
})

it('uses the checkpoint’s own calibration', async () => {
  const calibration = { centre: -2, width: 1.5 }
  const checkpointDir = copyTiny('brain', dir =>
    writeFileSync(join(dir, 'calibration.json'), JSON.stringify(calibration)),
  )
  const outputDir = temporaryFolder()
  await exportModel({ checkpointDir, outputDir })
  expect((await readVariantCard(outputDir, 'fp32')).calibration).toEqual(calibration)
})

describe('leaves nothing behind', () => {
  it.each([
    [
      'without a tokenizer',
      (dir: string) => rmSync(join(dir, 'merges.txt')),
      'tokenizer-missing',
      /found only vocab\.json/,
    ],
    [
      'from cut weights',
      (dir: string) => truncateSync(join(dir, 'model.safetensors'), 20_000),
      'safetensors-truncated',
      /expected \d+ bytes, got 20000/,
    ],
    [
      'with a bad calibration',
      (dir: string) => writeFileSync(join(dir, 'calibration.json'), '[1]'),
      'calibration-invalid',
      /"centre"/,
    ],
    [
      'from another kind of model',
      (dir: string) => writeFileSync(join(dir, 'config.json'), '{"model_type":"bert"}'),
      'checkpoint-not-clip',
      /"bert"/,
    ],
    [
      'when the weights are another size',
      (dir: string) => writeFileSync(join(dir, 'config.json'), '{"model_type":"clip"}'),
      'checkpoint-shape',
      /Expected `vision_model\..*` to have shape \[.*\], got \[.*\]/,
    ],
  ])('%s', async (_, spoil, code, message) => {
    const outputDir = temporaryFolder()
    const checkpointDir = copyTiny('half', spoil)
    await expect(exportModel({ checkpointDir, outputDir })).rejects.toMatchObject({
      name: 'WatchwordError',
      code,
      message: expect.stringMatching(message),
    })
    expect(readdirSync(outputDir)).toEqual([])
  })

  it.skipIf(!canMount)('when the disk is full', async () => {
    const disk = mountSmallDisk(1)
    onTestFinished(disk.remove)
    const outputDir = join(disk.path, 'out')
    mkdirSync(outputDir)
    disk.fill()
    await expect(exportModel({ checkpointDir: copyTiny('half'), outputDir })).rejects.toMatchObject({
      code: 'disk-full',
    })
    expect(readdirSync(outputDir)).toEqual([])
  })

  it('when the output path is a file', async () => {
    const outputDir = join(temporaryFolder(), 'file')
    writeFileSync(outputDir, '')
    await expect(exportModel({ checkpointDir: copyTiny('half'), outputDir })).rejects.toMatchObject({
      code: 'unwritable',
      message: expect.stringContaining(outputDir),
    })
  })

  it.skipIf(process.getuid?.() === 0)('where one may not write', async () => {
    const outputDir = temporaryFolder()
    chmodSync(outputDir, 0o500)
    await expect(exportModel({ checkpointDir: copyTiny('half'), outputDir })).rejects.toMatchObject({
      code: 'unwritable',
    })
  })
})
