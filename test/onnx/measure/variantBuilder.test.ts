import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readModelCard, writeModelCard } from '../../../src/models/modelCard.ts'
import { readVariantCard, visionFile, writeVariantCard } from '../../../src/models/variantCard.ts'
import { exportText } from '../../../src/onnx/exportText.ts'
import { exportVision } from '../../../src/onnx/exportVision.ts'
import { compareEmbeddings } from '../../../src/onnx/measure/compareEmbeddings.ts'
import { startSessionRunner } from '../../../src/onnx/measure/sessionRunner.ts'
import { openVariantBuilder } from '../../../src/onnx/measure/variantBuilder.ts'
import { measureFile, saveModel } from '../../../src/onnx/onnxFile.ts'
import { openCheckpoint } from '../../../src/onnx/openCheckpoint.ts'
import { parseVariant } from '../../../src/onnx/variants/parseVariant.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'
import { pictures, readReference, tinyDir } from '../fixtures.ts'

const NAME = 'quick-gelu-p32'
const { size } = readReference(NAME)
const recipe = (name: string) => parseVariant(name, { prune: 0.3, slim: 0.5 })

async function tinyModel(): Promise<string> {
  const dir = temporaryFolder()
  const checkpoint = await openCheckpoint(tinyDir(NAME))
  const saved = await saveModel(exportVision(checkpoint), join(dir, visionFile('fp32')))
  await saveModel(exportText(checkpoint), join(dir, 'text.onnx'))
  const sourceSha256 = 'a'.repeat(64)
  await writeModelCard(dir, {
    name: 'tiny',
    source: 'a test',
    revision: null,
    sourceSha256,
    imageSize: size,
    patchSize: 32,
    embedDim: 24,
    contextLength: 16,
    vocabSize: 300,
    eosTokenId: 299,
    logitScale: 14,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    tokenizer: 'clip-bpe',
    text: { padTokenId: null },
    logitBias: 0,
    fit: 'crop',
    vision: { input: 'pixels' },
    parameters: { vision: 1, text: 1 },
  })
  await writeVariantCard(dir, {
    variant: 'fp32',
    recipe: ['fp32'],
    file: visionFile('fp32'),
    ...saved,
    sourceSha256,
    parameters: { total: 1, nonZero: 1 },
    sparsity: 0,
    cosine: null,
    agreement: null,
    calibration: { centre: 0, width: 1 },
    cpu: { model: 'any', flags: [], int8Kernel: null },
    createdBy: 'test',
  })
  return dir
}

function frames(count: number): Uint8Array[] {
  const all = pictures(count, size)
  const length = size * size * 3
  return Array.from({ length: count }, (_, i) => all.slice(i * length, (i + 1) * length))
}

test('writes a variant that passes, with its measurements on its card', async () => {
  const modelDir = await tinyModel()
  const builder = await openVariantBuilder({ modelDir, pictures: frames(20), texts: null, createdBy: 'test' })
  try {
    const { verdict, card } = await builder.build(recipe('int8'))
    expect(verdict?.misses).toEqual([])
    expect(card?.cosine?.frames).toBe(10)
    expect(await readVariantCard(modelDir, 'int8')).toEqual(card)
  } finally {
    await builder.close()
  }
  expect((await readdir(modelDir)).sort()).toEqual(
    ['fp32.json', 'int8.json', 'model.json', 'text.onnx', 'vision.fp32.onnx', 'vision.int8.onnx'].sort(),
  )
})

test('with enough frames, int8 layers get ranges that were measured on them', async () => {
  const modelDir = await tinyModel()
  const builder = await openVariantBuilder({ modelDir, pictures: frames(128), texts: null, createdBy: 'test' })
  try {
    const { calibrated, verdict, card } = await builder.build(recipe('int8'))
    expect(calibrated).toBe(true)
    expect(verdict?.misses).toEqual([])
    expect(card?.recipe).toEqual(['int8', 'int8 layers with ranges measured on frames'])
    expect((await builder.build(recipe('fp16'))).calibrated).toBe(false)
  } finally {
    await builder.close()
  }
})

test('where the ranges fail the gate, int8 layers keep a scale per row', async () => {
  const modelDir = await tinyModel()
  // Even frames are measured, odd ones judge: black ones show nothing of the range.
  const pictures = frames(128).map((frame, i) => (i % 2 === 0 ? new Uint8Array(frame.length) : frame))
  const builder = await openVariantBuilder({ modelDir, pictures, texts: null, createdBy: 'test' })
  try {
    const { calibrated, verdict, card } = await builder.build(recipe('int8'))
    expect(calibrated).toBe(false)
    expect(verdict?.misses).toEqual([])
    expect(card?.recipe).toEqual(['int8'])
  } finally {
    await builder.close()
  }
})

test('rejects a variant that breaks the model, reports by how much, and leaves no file behind', async () => {
  const modelDir = await tinyModel()
  const before = await readdir(modelDir)
  const builder = await openVariantBuilder({ modelDir, pictures: frames(20), texts: null, createdBy: 'test' })
  try {
    const { verdict, card } = await builder.build(recipe('pruned-95'))
    expect(card).toBeNull()
    expect(verdict?.misses[0]).toMatch(/^cosine mean 0\.\d{4} is 0\.\d{4} below 0\.9500$/)
  } finally {
    await builder.close()
  }
  expect(await readdir(modelDir)).toEqual(before)
})

test('force keeps it; without frames nothing is judged', async () => {
  const modelDir = await tinyModel()
  const judged = await openVariantBuilder({ modelDir, pictures: frames(4), texts: null, createdBy: 'test' })
  expect((await judged.build(recipe('pruned-95'), true)).card?.variant).toBe('pruned-95')
  await judged.close()
  const blind = await openVariantBuilder({ modelDir, pictures: [], texts: null, createdBy: 'test' })
  expect(await blind.build(recipe('slim-50'))).toMatchObject({ verdict: null, card: { cosine: null } })
  await blind.close()
})

test('frames improve the reconstruction after structured pruning', async () => {
  const [blindDir, modelDir] = [await tinyModel(), await tinyModel()]
  const all = frames(24)
  const blind = await openVariantBuilder({ modelDir: blindDir, pictures: [], texts: null, createdBy: 'test' })
  const builder = await openVariantBuilder({ modelDir, pictures: all, texts: null, createdBy: 'test' })
  const runner = startSessionRunner({ format: await readModelCard(modelDir) })
  try {
    await blind.build(recipe('slim-50'))
    const { comparison } = await builder.build(recipe('slim-50'), true)
    // The frames that judge: none of them was fitted to.
    const judging = all.filter((_, i) => i % 2 === 1)
    const embed = async (dir: string, variant: string) => {
      await runner.open(variant, join(dir, visionFile(variant)))
      return runner.embed(variant, judging)
    }
    const unmended = compareEmbeddings(await embed(blindDir, 'fp32'), await embed(blindDir, 'slim-50'))
    expect(comparison?.cosine.frames).toBe(unmended.frames)
    expect(comparison?.cosine.mean).toBeGreaterThan(unmended.mean)
  } finally {
    await runner.stop()
    await builder.close()
    await blind.close()
  }
})

test('a failed variant is built again with higher precision; with force, the original recipe is written', async () => {
  const modelDir = await tinyModel()
  const steps: string[] = []
  const onStep = (step: string) => void steps.push(step)
  const builder = await openVariantBuilder({ modelDir, pictures: frames(20), texts: null, createdBy: 'test', onStep })
  try {
    const { recipe: made, comparison, verdict, card } = await builder.build(recipe('pruned-95+int8'), true)
    expect(steps).toEqual(['Making pruned-95+int8', 'Measuring the sensitivity of pruned-95+int8’s layers'])
    expect(verdict).toMatchObject({
      passed: false,
      misses: [expect.stringContaining('cosine mean'), expect.anything()],
    })
    expect(made.layers).toEqual([])
    expect(card?.cosine).toEqual(comparison?.cosine)
    expect(measureFile(join(modelDir, visionFile('pruned-95+int8')))).toMatchObject({ sha256: card?.sha256 })
  } finally {
    await builder.close()
  }
})

test('a pruned graph that variants share equals one made for a single variant', async () => {
  const [modelDir, otherDir] = [await tinyModel(), await tinyModel()]
  const options = { pictures: frames(20), texts: null, createdBy: 'test' }
  const builder = await openVariantBuilder({ modelDir, ...options })
  const other = await openVariantBuilder({ modelDir: otherDir, ...options })
  try {
    for (const name of ['slim-25', 'slim-50', 'slim-50+int8']) await builder.build(recipe(name), true)
    const { card } = await other.build(recipe('slim-50+int8'), true)
    expect((await readVariantCard(modelDir, 'slim-50+int8')).sha256).toBe(card?.sha256)
  } finally {
    await builder.close()
    await other.close()
  }
})

test('a rule that matches no layer is an error that names the layers', async () => {
  const modelDir = await tinyModel()
  const builder = await openVariantBuilder({ modelDir, pictures: [], texts: null, createdBy: 'test' })
  const rule = (match: string) => ({ match, store: 'fp16', prune: null }) as const
  try {
    const layers = [rule('layers.0.*'), rule('layer.1.*')]
    await expect(builder.build({ ...recipe('int8'), name: 'mixed', layers })).rejects.toMatchObject({
      code: 'recipe-invalid',
      message: 'Expected each rule of mixed to match a layer, layer.1.* matches none',
      hint: expect.stringMatching(/^Names of layers: .*layers\.0\./),
    })
  } finally {
    await builder.close()
  }
})
