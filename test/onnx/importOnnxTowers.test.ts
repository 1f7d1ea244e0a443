import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportText } from '../../src/onnx/exportText.ts'
import { exportVision } from '../../src/onnx/exportVision.ts'
import { type Graph, node } from '../../src/onnx/graph.ts'
import { importOnnxTowers } from '../../src/onnx/importOnnxTowers.ts'
import { saveModel } from '../../src/onnx/onnxFile.ts'
import { openCheckpoint } from '../../src/onnx/openCheckpoint.ts'
import { cosine } from '../../src/util/vector.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { copyTiny, idTensor, pictures, pixelValueTensor, readReference, runFile } from './fixtures.ts'

/** A folder as the hub has it: textbook graphs with symbolic shapes and an extra output, under onnx/. */
async function makePair(change: (vision: Graph, text: Graph) => readonly [Graph, Graph] = (v, t) => [v, t]) {
  const dir = copyTiny('half')
  const checkpoint = await openCheckpoint(dir)
  const [vision, text] = change(
    foreign(exportVision(checkpoint, { plain: true })),
    foreign(exportText(checkpoint, { plain: true })),
  )
  mkdirSync(join(dir, 'onnx'))
  await saveModel(vision, join(dir, 'onnx', 'vision_model.onnx'))
  await saveModel(text, join(dir, 'onnx', 'text_model.onnx'))
  rmSync(join(dir, 'model.safetensors'))
  return dir
}

const foreign = (graph: Graph): Graph => ({
  ...graph,
  inputs: graph.inputs.map(input => ({ ...input, dims: (input.dims ?? []).map((_, axis) => `axis_${axis}`) })),
  outputs: [{ name: 'pooled', dtype: 'float32', dims: null }, ...graph.outputs],
})

/** As some exporters write it: the mask is an input, and its values matter. */
const withMaskInput = (graph: Graph): Graph => ({
  ...graph,
  inputs: [...graph.inputs, { name: 'attention_mask', dtype: 'int64', dims: ['batch', 'context'] }],
  nodes: [
    node({ op: 'Mul', name: 'masked', inputs: ['input_ids', 'attention_mask'], outputs: ['masked'] }),
    ...graph.nodes,
  ].map(each => (each.name === 'tokens' ? { ...each, inputs: ['words', 'masked'] } : each)),
})

it('becomes a model directory', async () => {
  const outputDir = temporaryFolder()
  const card = await importOnnxTowers({ towersDir: await makePair(), outputDir, logitScale: 14 })
  const { size, imageEmbeds, textEmbeds, inputIds, eosTokenId } = readReference('half')
  expect(card).toMatchObject({
    imageSize: size,
    eosTokenId,
    logitScale: 14,
    embedDim: 16,
    vision: { input: 'pixel_values' },
  })
  const [row] = await runFile(join(outputDir, 'vision.fp32.onnx'), pixelValueTensor(pictures(1, size), size))
  const [text] = await runFile(join(outputDir, 'text.onnx'), idTensor(inputIds))
  expect(cosine(row as Float32Array, Float32Array.from(imageEmbeds[0] ?? []))).toBeGreaterThan(0.99999)
  expect(cosine(text as Float32Array, Float32Array.from(textEmbeds[0] ?? []))).toBeGreaterThan(0.99999)
})

it('makes the mask that the text tower asks for', async () => {
  const outputDir = temporaryFolder()
  await importOnnxTowers({ towersDir: await makePair((vision, text) => [vision, withMaskInput(text)]), outputDir })
  const { textEmbeds, inputIds } = readReference('half')
  const [text] = await runFile(join(outputDir, 'text.onnx'), idTensor(inputIds))
  expect(cosine(text as Float32Array, Float32Array.from(textEmbeds[0] ?? []))).toBeGreaterThan(0.99999)
})

describe('is refused', () => {
  const renamed = (graph: Graph, name: string): Graph => ({ ...graph, inputs: graph.inputs.map(i => ({ ...i, name })) })
  it.each([
    [
      'with half-precision input',
      (v: Graph) => ({ ...v, inputs: v.inputs.map(i => ({ ...i, dtype: 'float16' as const })) }),
      /Expected `pixel_values` float32 in vision_model\.onnx, got pixel_values float16/,
    ],
    ['with another input', (v: Graph) => renamed(v, 'image'), /got image float32/],
    [
      'with one input too many',
      (v: Graph) => ({ ...v, inputs: [...v.inputs, { name: 'input_ids', dtype: 'int64' as const, dims: ['b'] }] }),
      /Expected only pixel_values as input/,
    ],
  ])('%s', async (_, change, message) => {
    const towersDir = await makePair((vision, text) => [change(vision), text])
    await expect(importOnnxTowers({ towersDir, outputDir: temporaryFolder() })).rejects.toMatchObject({
      code: 'onnx-tower-interface',
      message: expect.stringMatching(message),
    })
  })

  it('without its text tower', async () => {
    const towersDir = await makePair()
    rmSync(join(towersDir, 'onnx', 'text_model.onnx'))
    await expect(importOnnxTowers({ towersDir, outputDir: temporaryFolder() })).rejects.toMatchObject({
      code: 'onnx-tower-missing',
      message: `Expected text_model.onnx in ${towersDir} or its folder onnx, found none`,
    })
  })
})
