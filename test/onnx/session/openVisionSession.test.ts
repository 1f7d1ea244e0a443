import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { startEncoder } from '../../../src/clip/startEncoder.ts'
import { readModelCard } from '../../../src/models/modelCard.ts'
import { startSessionRunner } from '../../../src/onnx/measure/sessionRunner.ts'
import { normalizedRows } from '../../../src/onnx/session/normalizedRows.ts'
import { createRandom } from '../../../src/util/random.ts'

test.each([
  ['tiny', 'fp32'],
  ['tiny', 'int8'],
  ['tiny-plain', 'fp32'],
])('the live encoder and the measuring runner give the same bits: %s %s', async (model, variant) => {
  const modelDir = fileURLToPath(new URL(`../../fixtures/clip/${model}`, import.meta.url))
  const card = await readModelCard(modelDir)
  const encoder = await startEncoder({ modelDir, variant }, { emit: () => {} })
  onTestFinished(() => encoder.close())
  const runner = startSessionRunner({ format: card })
  onTestFinished(() => runner.stop())
  await runner.open(variant, join(modelDir, `vision.${variant}.onnx`))

  const random = createRandom('frames')
  const length = card.imageSize ** 2 * 3
  const pictures = Array.from({ length: 3 }, () => Uint8Array.from({ length }, () => random.integer(0, 255)))
  const measured = (await runner.run(variant, pictures)).embeddings.map(row => normalizedRows(row, 1))
  const { embeddings } = await encoder.encode(pictures)
  expect(embeddings).toEqual(measured)
})
