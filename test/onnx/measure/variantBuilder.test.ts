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
    cpu: { model: 'any', flags: [] },
    createdBy: 'test',
  })
  return dir
}

function frames(count: number): Uint8Array[] {
  const all = pictures(count, size)
  const length = size * size * 3
  return Array.from({ length: count }, (_, i) => all.slice(i * length, (i + 1) * length))
}

test('writes what passes, with what was measured on its card', async () => {
  const modelDir = await tinyModel()
  const bench = await openVariantBuilder({ modelDir, pictures: frames(20), texts: null, createdBy: 'test' })
  try {
    const { verdict, card } = await bench.make(recipe('int8'))
    expect(verdict?.misses).toEqual([])
    expect(card?.cosine?.frames).toBe(10)
    expect(await readVariantCard(modelDir, 'int8')).toEqual(card)
  } finally {
    await bench.close()
  }
  expect((await readdir(modelDir)).sort()).toEqual(
    ['fp32.json', 'int8.json', 'model.json', 'text.onnx', 'vision.fp32.onnx', 'vision.int8.onnx'].sort(),
  )
})

test('refuses what breaks the model, says by how much, and leaves no file behind', async () => {
  const modelDir = await tinyModel()
  const before = await readdir(modelDir)
  const bench = await openVariantBuilder({ modelDir, pictures: frames(20), texts: null, createdBy: 'test' })
  try {
    const { verdict, card } = await bench.make(recipe('pruned-95'))
    expect(card).toBeNull()
    expect(verdict?.misses[0]).toMatch(/^cosine mean 0\.\d{4} is 0\.\d{4} below 0\.9500$/)
  } finally {
    await bench.close()
  }
  expect(await readdir(modelDir)).toEqual(before)
})

test('force keeps it all the same; without frames nothing is judged', async () => {
  const modelDir = await tinyModel()
  const judged = await openVariantBuilder({ modelDir, pictures: frames(4), texts: null, createdBy: 'test' })
  expect((await judged.make(recipe('pruned-95'), true)).card?.variant).toBe('pruned-95')
  await judged.close()
  const blind = await openVariantBuilder({ modelDir, pictures: [], texts: null, createdBy: 'test' })
  expect(await blind.make(recipe('slim-50'))).toMatchObject({ verdict: null, card: { cosine: null } })
  await blind.close()
})

test('frames mend what slim cuts', async () => {
  const [blindDir, modelDir] = [await tinyModel(), await tinyModel()]
  const all = frames(24)
  const blind = await openVariantBuilder({ modelDir: blindDir, pictures: [], texts: null, createdBy: 'test' })
  const bench = await openVariantBuilder({ modelDir, pictures: all, texts: null, createdBy: 'test' })
  const runner = startSessionRunner({ format: await readModelCard(modelDir) })
  try {
    await blind.make(recipe('slim-50'))
    const { comparison } = await bench.make(recipe('slim-50'), true)
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
    await bench.close()
    await blind.close()
  }
})

test('what misses is tried again finer; forced, what was asked for is what is written', async () => {
  const modelDir = await tinyModel()
  const steps: string[] = []
  const onStep = (step: string) => void steps.push(step)
  const bench = await openVariantBuilder({ modelDir, pictures: frames(20), texts: null, createdBy: 'test', onStep })
  try {
    const { recipe: made, comparison, verdict, card } = await bench.make(recipe('pruned-95+int8'), true)
    expect(steps).toEqual(['Making pruned-95+int8', 'Looking for the sensitive layers of pruned-95+int8'])
    expect(verdict).toMatchObject({
      passed: false,
      misses: [expect.stringContaining('cosine mean'), expect.anything()],
    })
    expect(made.layers).toEqual([])
    expect(card?.cosine).toEqual(comparison?.cosine)
    expect(measureFile(join(modelDir, visionFile('pruned-95+int8')))).toMatchObject({ sha256: card?.sha256 })
  } finally {
    await bench.close()
  }
})

test('a cut that was made for another variant is the one that it would have made itself', async () => {
  const [modelDir, otherDir] = [await tinyModel(), await tinyModel()]
  const options = { pictures: frames(20), texts: null, createdBy: 'test' }
  const bench = await openVariantBuilder({ modelDir, ...options })
  const other = await openVariantBuilder({ modelDir: otherDir, ...options })
  try {
    for (const name of ['slim-25', 'slim-50', 'slim-50+int8']) await bench.make(recipe(name), true)
    const { card } = await other.make(recipe('slim-50+int8'), true)
    expect((await readVariantCard(modelDir, 'slim-50+int8')).sha256).toBe(card?.sha256)
  } finally {
    await bench.close()
    await other.close()
  }
})

test('a rule that fits no layer is a mistake, and says what layers are called', async () => {
  const modelDir = await tinyModel()
  const bench = await openVariantBuilder({ modelDir, pictures: [], texts: null, createdBy: 'test' })
  const rule = (match: string) => ({ match, store: 'fp16', prune: null }) as const
  try {
    const layers = [rule('layers.0.*'), rule('layer.1.*')]
    await expect(bench.make({ ...recipe('int8'), name: 'mixed', layers })).rejects.toMatchObject({
      code: 'recipe-invalid',
      message: 'Expected each rule of mixed to fit a layer, layer.1.* fits none',
      hint: expect.stringMatching(/^Layers are called .*layers\.0\./),
    })
  } finally {
    await bench.close()
  }
})
