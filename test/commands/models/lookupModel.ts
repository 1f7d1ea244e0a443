/** A model directory whose towers look vectors up: one per known image and text, and noise for any other text. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClipTokenizer } from '../../../src/clip/tokenizers/createClipTokenizer.ts'
import { writeModelCard } from '../../../src/models/modelCard.ts'
import { visionFile, writeVariantCard } from '../../../src/models/variantCard.ts'
import { type Graph, int, type NodeFields, node } from '../../../src/onnx/graph.ts'
import { saveModel } from '../../../src/onnx/onnxFile.ts'
import { floatTensor, int64Tensor, type Tensor } from '../../../src/onnx/tensor.ts'
import { openaiTokenizerFiles } from '../../clip/openaiVocabulary.ts'

const DIM = 512
const CONTEXT = 77

export interface Known {
  /** Pixels of an image → its vector. */
  readonly images: readonly (readonly [Uint8Array, Float32Array])[]
  readonly texts: ReadonlyMap<string, Float32Array>
}

export async function writeLookupModel(dir: string, name: string, { images, texts }: Known): Promise<void> {
  const files = openaiTokenizerFiles()
  writeFileSync(join(dir, 'vocab.json'), files.vocabText)
  writeFileSync(join(dir, 'merges.txt'), files.merges)
  const tokenizer = createClipTokenizer(files, { contextLength: CONTEXT, padTokenId: null })
  const weights = Array.from({ length: CONTEXT }, (_, place) => Math.sin(place + 1))
  const signature = (text: string) =>
    Array.from(tokenizer.encode(text).ids, Number).reduce((sum, id, place) => sum + id * (weights[place] as number), 0)
  const mean = (pixels: Uint8Array) => pixels.reduce((sum, value) => sum + value, 0) / pixels.length

  const vision = lookup({
    input: { name: 'pixels', dtype: 'uint8', dims: ['batch', 224, 224, 3] },
    output: 'image_embeds',
    signature: [
      { op: 'Reshape', name: 'flat', inputs: ['input', 'rows'], outputs: ['flat'] },
      {
        op: 'ReduceMean',
        name: 'mean',
        inputs: ['flat', 'axis'],
        outputs: ['signature'],
        attributes: { keepdims: int(1) },
      },
    ],
    constants: { rows: int64Tensor([2], [-1, 224 * 224 * 3]), axis: int64Tensor([1], [1]) },
    known: images.map(([pixels, vector]) => [mean(pixels), vector]),
  })
  const text = lookup({
    input: { name: 'input_ids', dtype: 'int64', dims: ['batch', CONTEXT] },
    output: 'text_embeds',
    signature: [{ op: 'MatMul', name: 'sum', inputs: ['input', 'weights'], outputs: ['signature'] }],
    constants: { weights: floatTensor([CONTEXT, 1], weights) },
    known: [...texts].map(([phrase, vector]) => [signature(phrase), vector]),
  })
  await saveModel(text, join(dir, 'text.onnx'))
  const saved = await saveModel(vision, join(dir, visionFile('fp32')))
  const common = { sourceSha256: '0'.repeat(64), parameters: { total: 1, nonZero: 1 }, sparsity: 0 }
  await writeVariantCard(dir, {
    ...{ variant: 'fp32', recipe: ['fp32'], file: visionFile('fp32'), ...saved, ...common, cosine: null },
    ...{
      agreement: null,
      calibration: { centre: 0, width: 1 },
      cpu: { model: 'x', flags: [], int8Kernel: null },
      createdBy: 'a test',
    },
  })
  await writeModelCard(dir, {
    ...{ name, source: 'a test', revision: null, sourceSha256: '0'.repeat(64), imageSize: 224, patchSize: 32 },
    ...{ embedDim: DIM, contextLength: CONTEXT, vocabSize: 49408, eosTokenId: 49407, logitScale: 100, logitBias: 0 },
    ...{ text: { padTokenId: null }, mean: [0, 0, 0], std: [1, 1, 1], fit: 'crop' },
    ...{ tokenizer: 'clip-bpe', vision: { input: 'pixels' }, parameters: { vision: 1, text: 1 } },
  })
}

interface Lookup {
  readonly input: Graph['inputs'][number]
  readonly output: string
  /** From the float `input` to `signature` [batch, 1]. */
  readonly signature: readonly NodeFields[]
  readonly constants: Readonly<Record<string, Tensor>>
  readonly known: readonly (readonly [number, Float32Array])[]
}

/** The vector whose signature is nearest. */
function lookup({ input, output, signature, constants, known }: Lookup): Graph {
  const nodes = [
    { op: 'Cast', name: 'cast', inputs: [input.name], outputs: ['input'], attributes: { to: int(1) } },
    ...signature,
    { op: 'Sub', name: 'sub', inputs: ['signature', 'signatures'], outputs: ['difference'] },
    { op: 'Abs', name: 'abs', inputs: ['difference'], outputs: ['distance'] },
    {
      op: 'ArgMin',
      name: 'nearest',
      inputs: ['distance'],
      outputs: ['row'],
      attributes: { axis: int(1), keepdims: int(0) },
    },
    { op: 'Gather', name: 'gather', inputs: ['vectors', 'row'], outputs: [output] },
  ]
  const vectors = new Float32Array(known.length * DIM)
  known.forEach(([, vector], row) => {
    vectors.set(vector, row * DIM)
  })
  const signatures = known.map(([value]) => value)
  return {
    name: output,
    inputs: [input],
    outputs: [{ name: output, dtype: 'float32', dims: ['batch', DIM] }],
    nodes: nodes.map(fields => node(fields)),
    initializers: new Map([
      ...Object.entries(constants),
      ['signatures', floatTensor([1, known.length], signatures)],
      ['vectors', floatTensor([known.length, DIM], vectors)],
    ]),
    opsets: new Map([['', 18]]),
    metadata: new Map(),
    functions: [],
  }
}
