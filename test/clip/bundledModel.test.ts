/** The bundled model from its checkpoint to vectors, under every kind of variant. */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { embedPhrases } from '../../src/clip/embedPhrases.ts'
import { type EncoderHandle, startEncoder } from '../../src/clip/startEncoder.ts'
import { readVariantCard, visionFile, writeVariantCard } from '../../src/models/variantCard.ts'
import { exportModel } from '../../src/onnx/exportModel.ts'
import { loadModel, saveModel } from '../../src/onnx/onnxFile.ts'
import { applyRecipe } from '../../src/onnx/variants/applyRecipe.ts'
import { parseVariant } from '../../src/onnx/variants/parseVariant.ts'
import type { EventText } from '../../src/scoringTypes.ts'
import { createRandom } from '../../src/util/random.ts'
import { cosine, dot } from '../../src/util/vector.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { sharedFolder } from '../support/temporaryFolder.ts'

const checkpointDir = fileURLToPath(new URL('../../models/demo', import.meta.url))
const VARIANTS = ['int8', 'int4', 'fp16', 'pruned-30', 'slim-50', 'slim-50+int8']

const modelDir = sharedFolder()
beforeAll(async () => {
  await exportModel({ checkpointDir, outputDir: modelDir })
  const fp32 = await loadModel(join(modelDir, visionFile('fp32')))
  const card = await readVariantCard(modelDir, 'fp32')
  for (const variant of VARIANTS) {
    const { graph } = applyRecipe(fp32, parseVariant(variant, { prune: 0.3, slim: 0.5 }))
    const saved = await saveModel(graph, join(modelDir, visionFile(variant)))
    await writeVariantCard(modelDir, { ...card, ...saved, variant, file: visionFile(variant) })
  }
})

/** A picture with large and small shapes, so that neighbouring frames have very different ranges. */
function picture(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = createRandom(seed)
  const [low, high] = [random.integer(0, 120), random.integer(121, 255)]
  const pixels = new Uint8Array(size * size * 3)
  for (let block = 0; block < 40; block++) {
    const [x, y, side] = [random.integer(0, size - 1), random.integer(0, size - 1), random.integer(1, size / 2)]
    const colour = [0, 1, 2].map(() => random.integer(low, high))
    for (let row = y; row < Math.min(size, y + side); row++)
      for (let column = x; column < Math.min(size, x + side); column++) pixels.set(colour, (row * size + column) * 3)
  }
  return pixels
}

async function withEncoder<T>(variant: string, use: (encoder: EncoderHandle) => Promise<T>): Promise<T> {
  const encoder = await startEncoder({ modelDir, variant, threads: 1, provider: 'cpu' }, recordTelemetry())
  return use(encoder).finally(() => encoder.close())
}

test.each(['fp32', ...VARIANTS])('a frame’s vector does not depend on its batch: %s', async variant => {
  await withEncoder(variant, async encoder => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
    const together = await encoder.encode(seeds.map(seed => picture(encoder.imageSize, seed)))
    const reversed = await encoder.encode(seeds.toReversed().map(seed => picture(encoder.imageSize, seed)))
    for (const [place, seed] of seeds.entries()) {
      const vector = together.embeddings[place] as Float32Array
      const alone = (await encoder.encode([picture(encoder.imageSize, seed)])).embeddings[0] as Float32Array
      const elsewhere = reversed.embeddings[seeds.length - 1 - place] as Float32Array
      expect(distance(vector, alone)).toBeLessThan(1e-4)
      expect(distance(vector, elsewhere)).toBeLessThan(1e-4)
    }
  })
})

test('int8 embeddings have the direction of fp32’s', async () => {
  const encode = (encoder: EncoderHandle) => encoder.encode([1, 2, 3].map(seed => picture(encoder.imageSize, seed)))
  const [fp32, int8] = [await withEncoder('fp32', encode), await withEncoder('int8', encode)]
  for (const [i, vector] of fp32.embeddings.entries())
    expect(cosine(vector, int8.embeddings[i] as Float32Array)).toBeGreaterThan(0.98)
})

test('the text tower puts related phrases together', async () => {
  const cacheDir = join(modelDir, 'texts')
  const crowd = { event: 'crowd', prompts: ['a crowd of people'], negativePrompts: ['a large crowd'], levels: null }
  const background = ['nobody in sight', 'an empty street']
  const options = { modelDir, variant: 'int8', events: [crowd], background, cacheDir }
  const { events, logitScale } = await embedPhrases(options, recordTelemetry())
  expect(logitScale).toBeGreaterThan(1)
  const { positive, contrast } = events[0] as EventText
  const [large, nobody, empty] = contrast as [Float32Array, Float32Array, Float32Array]
  expect(dot(positive, large)).toBeGreaterThan(dot(positive, nobody))
  expect(dot(empty, nobody)).toBeGreaterThan(dot(empty, positive))
})

/** Largest difference between two vectors of length 1. */
function distance(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))))
}
