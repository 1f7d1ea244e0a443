/** Imports both towers of a CLIP model from ONNX files of another exporter, such as Xenova/clip-vit-base-patch32. */

import { basename, join, resolve } from 'node:path'
import type { ModelCard } from '../models/modelCard.ts'
import { readCalibration } from '../models/readCalibration.ts'
import { WatchwordError } from '../util/errors.ts'
import { hashFiles, isThere } from '../util/readFile.ts'
import { cardFacts } from './cardFacts.ts'
import { FAMILIES, hasWeights } from './families/familyTable.ts'
import { readModelConfig } from './families/readModelConfig.ts'
import { type Graph, node, pruneUnused, type ValueInfo } from './graph.ts'
import type { ModelConfig } from './modelConfig.ts'
import { loadModel } from './onnxFile.ts'
import { elementCount, int64Tensor } from './tensor.ts'
import { writeModelDirectory } from './writeModelDirectory.ts'

export interface ImportOnnxTowersOptions {
  /** vision_model.onnx and text_model.onnx, here or in onnx/; config.json, vocab.json, merges.txt. */
  readonly towersDir: string
  readonly outputDir: string
  /** e^logit_scale of the checkpoint, which is not in the ONNX files. Default: 100, as OpenAI's. */
  readonly logitScale?: number
  readonly name?: string
  readonly source?: string
  readonly revision?: string
  /** Default 'watchword'. */
  readonly createdBy?: string
}

/**
 * @returns the card; its vision input is 'pixel_values'
 * @throws WatchwordError `onnx-tower-missing`, `onnx-tower-interface`, `onnx-invalid`, `onnx-unsupported`, `checkpoint-config`,
 *   `tokenizer-missing`, `unwritable`, `disk-full`
 */
export async function importOnnxTowers(options: ImportOnnxTowersOptions): Promise<ModelCard> {
  const { towersDir, outputDir, createdBy = 'watchword' } = options
  const { config } = await readModelConfig(towersDir)
  const visionPath = findPart(towersDir, 'vision_model.onnx')
  const textPath = findPart(towersDir, 'text_model.onnx')
  const vision = asVisionTower(await loadModel(visionPath), visionPath, config)
  const text = asTextTower(await loadModel(textPath), textPath)
  const logitScale = options.logitScale ?? 100
  const card: ModelCard = {
    name: options.name ?? config.name,
    source: options.source ?? resolve(towersDir),
    revision: options.revision ?? null,
    sourceSha256: hashFiles([visionPath, textPath]).sha256,
    ...cardFacts(config),
    logitScale,
    logitBias: 0,
    vision: { input: 'pixel_values' },
    parameters: { vision: parametersOf(vision), text: parametersOf(text) },
  }
  const calibration = await readCalibration(towersDir, logitScale)
  await writeModelDirectory(outputDir, { card, vision, text, tokenizerDir: towersDir, calibration, createdBy })
  return card
}

/** True for a folder with ONNX towers and without the weights to export them from. */
export function hasOnnxTowers(dir: string): boolean {
  return !FAMILIES.some(family => hasWeights(dir, family)) && placesOf(dir, 'vision_model.onnx').some(isThere)
}

function placesOf(dir: string, file: string): string[] {
  return [join(dir, 'onnx', file), join(dir, file)]
}

function findPart(dir: string, file: string): string {
  const path = placesOf(dir, file).find(isThere)
  if (path !== undefined) return path
  throw new WatchwordError(`Expected ${file} in ${dir} or its folder onnx, found none`, {
    code: 'onnx-tower-missing',
    hint: 'Both towers are required as separate files: vision_model.onnx and text_model.onnx',
  })
}

function asVisionTower(graph: Graph, path: string, { vision, embedDim }: ModelConfig): Graph {
  const input = find(graph.inputs, { name: 'pixel_values', dtype: 'float32' }, path)
  const output = find(graph.outputs, { name: 'image_embeds', dtype: 'float32' }, path)
  const { imageSize } = vision
  requireOnly(graph, ['pixel_values'], path)
  return pruneUnused({
    ...graph,
    inputs: [{ ...input, dims: ['batch', 3, imageSize, imageSize] }],
    outputs: [{ ...output, dims: ['batch', embedDim] }],
  })
}

/** Some exporters have a mask as input although all tokens count: the graph then makes it itself. */
function asTextTower(graph: Graph, path: string): Graph {
  const input = find(graph.inputs, { name: 'input_ids', dtype: 'int64' }, path)
  const output = find(graph.outputs, { name: 'text_embeds', dtype: 'float32' }, path)
  requireOnly(graph, ['input_ids', 'attention_mask'], path)
  const masked = graph.inputs.some(({ name }) => name === 'attention_mask')
  return pruneUnused({
    ...graph,
    inputs: [{ ...input, dims: ['batch', 'context'] }],
    outputs: [output],
    nodes: masked ? [...fullMask(), ...graph.nodes] : graph.nodes,
  })
}

function fullMask() {
  const shape = node({ op: 'Shape', name: 'mask.shape', inputs: ['input_ids'], outputs: ['mask.shape'] })
  const one = { type: 'tensor', value: int64Tensor([1], [1]) } as const
  const ones = {
    op: 'ConstantOfShape',
    name: 'mask.ones',
    inputs: ['mask.shape'],
    outputs: ['attention_mask'],
    attributes: { value: one },
  }
  return [shape, node(ones)]
}

function find(values: readonly ValueInfo[], wanted: Pick<ValueInfo, 'name' | 'dtype'>, path: string): ValueInfo {
  const found = values.find(({ name }) => name === wanted.name)
  if (found?.dtype === wanted.dtype) return found
  const got = values.map(({ name, dtype }) => `${name} ${dtype}`).join(', ')
  throw new WatchwordError(`Expected \`${wanted.name}\` ${wanted.dtype} in ${basename(path)}, got ${got}`, {
    code: 'onnx-tower-interface',
    hint: 'Use an fp32 export of a CLIP model with separate towers',
  })
}

function requireOnly(graph: Graph, known: readonly string[], path: string): void {
  const unknown = graph.inputs.filter(({ name }) => !known.includes(name))
  if (unknown.length === 0) return
  throw new WatchwordError(`Expected only ${known.join(', ')} as input of ${basename(path)}, got ${unknown[0]?.name}`, {
    code: 'onnx-tower-interface',
    hint: 'Use an export with separate towers: vision_model.onnx and text_model.onnx',
  })
}

function parametersOf(graph: Graph): number {
  const floats = [...graph.initializers.values()].filter(
    ({ dtype, dims }) => dtype.includes('float') && dims.length > 0,
  )
  return floats.reduce((sum, { dims }) => sum + elementCount(dims), 0)
}
