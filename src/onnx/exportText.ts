/** The text tower as an ONNX graph: token ids in, one embedding per text out. */

import type { ExportTowerOptions } from './exportVision.ts'
import { type Graph, int } from './graph.ts'
import { createGraphBuilder, type GraphBuilder } from './graphBuilder.ts'
import { addFirstToken } from './layers/addAttention.ts'
import { addLayerNorm } from './layers/addLayerNorm.ts'
import { addLayers } from './layers/addLayers.ts'
import type { TowerOptions } from './layers/towerOptions.ts'
import { isFixedLength, type TextConfig } from './modelConfig.ts'
import type { Checkpoint } from './openCheckpoint.ts'
import { floatTensor, int64Tensor, type Tensor } from './tensor.ts'
import { halved, transposed } from './weights.ts'

export interface ExportTextOptions extends ExportTowerOptions {
  /** A larger table of words, as float32, is stored as float16. Default: 400 MB. */
  readonly halfAboveBytes?: number
}

/** CLIP's table of 49,408 words has 101 MB in ViT-B/32, 152 MB in ViT-L/14; Gemma's of 256,000 has 786 MB and more. */
const HALF_ABOVE_BYTES = 400e6

/**
 * `input_ids` int64 [batch, context] → `text_embeds` float32 [batch, dim], not normalised. Unless the tower sees the
 * padding, texts may be shorter than the model's context, and tokens after the first end token change nothing.
 * @throws WatchwordError `checkpoint-tensor-missing`, `checkpoint-shape`, `safetensors-dtype`
 */
export function exportText(
  checkpoint: Checkpoint,
  { plain = false, halfAboveBytes = HALF_ABOVE_BYTES }: ExportTextOptions = {},
): Graph {
  const { embedDim, text } = checkpoint.config
  const b = createGraphBuilder()
  const length = b.add('Shape', 'length', ['input_ids'], { attributes: { start: int(1), end: int(2) } })
  // First, because it checks the length of the context, on which the size of the mask depends.
  const tokens = addTokens(b, length, { checkpoint, halfAboveBytes })
  const tower: TowerOptions = {
    checkpoint,
    config: text,
    prefix: 'text_model',
    causal: text.causal,
    plain,
    ...(plain && text.causal ? { mask: addMask(b, length, text.contextLength) } : {}),
  }
  const encoded = addLayers(b, tokens, tower)
  const pooled = POOLING[text.pooling](b, encoded, text)
  const out = addLayerNorm(b, pooled, { ...tower, name: 'norm_out', from: 'text_model.final_layer_norm' })
  const projection = transposed(checkpoint.tensor('text_projection.weight', [embedDim, text.width]))
  const product = b.add('MatMul', 'projection', [out, b.constant('projection.weight', projection)])
  if (text.projectionBias) {
    const bias = checkpoint.tensor('text_projection.bias', [embedDim])
    b.add('Add', 'projection.biased', [product, b.constant('projection.bias', bias)])
  }
  return b.finish({
    name: 'text',
    inputs: [
      { name: 'input_ids', dtype: 'int64', dims: ['batch', isFixedLength(text) ? text.contextLength : 'context'] },
    ],
    output: { name: 'text_embeds', dtype: 'float32', dims: ['batch', embedDim] },
  })
}

interface Words {
  readonly checkpoint: Checkpoint
  readonly halfAboveBytes: number
}

function addTokens(b: GraphBuilder, length: string, { checkpoint, halfAboveBytes }: Words): string {
  const { width, vocabSize, contextLength } = checkpoint.config.text
  const from = 'text_model.embeddings'
  const words = checkpoint.tensor(`${from}.token_embedding.weight`, [vocabSize, width])
  const places = checkpoint.tensor(`${from}.position_embedding.weight`, [contextLength, width])
  const tokens = addWords(b, words, words.byteLength > halfAboveBytes)
  const positions = b.add('Slice', 'positions.used', [b.constant('positions', places), b.shape(0), length, b.shape(0)])
  return b.add('Add', 'tokens.placed', [tokens, positions])
}

/**
 * The words of a text are gathered from a table that stays on disk: onnxruntime maps large weights into memory and only
 * the rows that are used are read. A large table is stored as float16, which halves the file
 * (docs/decisions/0007-word-tables.md).
 */
function addWords(b: GraphBuilder, words: Tensor, isHalf: boolean): string {
  if (!isHalf) return b.add('Gather', 'tokens', [b.constant('words', words), 'input_ids'])
  const rows = b.add('Gather', 'tokens.half', [b.constant('words', halved(words)), 'input_ids'])
  return b.add('Cast', 'tokens', [rows], { attributes: { to: int(FLOAT) } })
}

/** The causal mask of the whole context, cut to the texts' length: [length, length]. */
function addMask(b: GraphBuilder, length: string, context: number): string {
  const corner = b.add('Concat', 'mask.corner', [length, length], { attributes: { axis: int(0) } })
  const whole = b.constant('mask.whole', causalMask(context))
  return b.add('Slice', 'mask', [whole, b.shape(0, 0), corner, b.shape(0, 1)])
}

function causalMask(context: number): Tensor {
  const values = new Float32Array(context * context)
  for (let row = 0; row < context; row++)
    values.fill(Number.NEGATIVE_INFINITY, row * context + row + 1, (row + 1) * context)
  return floatTensor([context, context], values)
}

/** [batch, context, width] → [batch, width] */
const POOLING: Readonly<Record<TextConfig['pooling'], typeof addEndToken>> = {
  end: addEndToken,
  first: (b, encoded, { width }) =>
    b.add('Reshape', 'pooled', [addFirstToken(b, encoded, 'first'), b.shape(-1, width)]),
  last: (b, encoded, { width, contextLength }) => {
    const slice = [encoded, b.shape(contextLength - 1), b.shape(contextLength), b.shape(1)]
    return b.add('Reshape', 'pooled', [b.add('Slice', 'last', slice), b.shape(-1, width)])
  },
}

/** ArgMax returns the first maximum, which is the first end token. */
function addEndToken(b: GraphBuilder, encoded: string, { eosTokenId }: TextConfig): string {
  const isEnd = b.add('Equal', 'end.is', ['input_ids', b.constant('end.id', int64Tensor([], [eosTokenId]))])
  const flags = b.add('Cast', 'end.flags', [isEnd], { attributes: { to: int(INT32) } })
  const place = b.add('ArgMax', 'end.place', [flags], { attributes: { axis: int(1), keepdims: int(1) } })
  return b.add('GatherND', 'pooled', [encoded, place], { attributes: { batch_dims: int(1) } })
}

/** TensorProto.DataType.FLOAT and INT32 */
const FLOAT = 1
const INT32 = 6
