/** The vision tower as an ONNX graph: images in, one embedding per image out. */

import { type Graph, int, ints } from './graph.ts'
import { createGraphBuilder, type GraphBuilder } from './graphBuilder.ts'
import { addFirstToken } from './layers/addAttention.ts'
import { addAttentionPool } from './layers/addAttentionPool.ts'
import { addLayerNorm } from './layers/addLayerNorm.ts'
import { addLayers } from './layers/addLayers.ts'
import type { Rotary } from './layers/addRotary.ts'
import type { TowerOptions } from './layers/towerOptions.ts'
import { gridOf, type VisionConfig } from './modelConfig.ts'
import type { Checkpoint } from './openCheckpoint.ts'
import { resamplePositions } from './resamplePositions.ts'
import { foldPixels, positionsWithBias, reshaped, transposed } from './weights.ts'

export interface ExportTowerOptions {
  /** Standard ONNX operators only. Default: false. */
  readonly plain?: boolean
}

/**
 * `pixels` uint8 [batch, size, size, 3] RGB → `image_embeds` float32 [batch, dim], not normalised.
 * Plain: `pixel_values` float32 [batch, 3, size, size], normalised by mean and standard deviation.
 * @throws WatchwordError `checkpoint-tensor-missing`, `checkpoint-shape`, `safetensors-dtype`
 */
export function exportVision(checkpoint: Checkpoint, { plain = false }: ExportTowerOptions = {}): Graph {
  const { embedDim, vision } = checkpoint.config
  const { width, imageSize: size } = vision
  const b = createGraphBuilder()
  const tower: TowerOptions = {
    checkpoint,
    config: vision,
    prefix: 'vision_model',
    causal: false,
    plain,
    firstOnly: !plain && vision.attentionPool === null && vision.rotary === null,
    ...rotaryOf(vision),
  }
  const tokens = plain ? addTextbookTokens(b, checkpoint) : addPixelTokens(b, checkpoint)
  const normed = vision.normBefore
    ? addLayerNorm(b, tokens, { ...tower, name: 'norm_in', from: 'vision_model.pre_layrnorm' })
    : tokens
  const pooled = addPooled(b, addLayers(b, normed, tower), tower, vision)
  if (vision.projection !== 'none') {
    const projection = transposed(checkpoint.tensor('visual_projection.weight', [embedDim, width]))
    const product = b.add('MatMul', 'projection', [pooled, b.constant('projection.weight', projection)])
    const bias = vision.projection === 'biased' ? checkpoint.tensor('visual_projection.bias', [embedDim]) : null
    if (bias !== null) b.add('Add', 'projection.biased', [product, b.constant('projection.bias', bias)])
  }
  return b.finish({
    name: 'vision',
    inputs: [
      plain
        ? { name: 'pixel_values', dtype: 'float32', dims: ['batch', 3, size, size] }
        : { name: 'pixels', dtype: 'uint8', dims: ['batch', size, size, 3] },
    ],
    output: { name: 'image_embeds', dtype: 'float32', dims: ['batch', embedDim] },
  })
}

function rotaryOf(vision: VisionConfig): { readonly rotary?: Rotary } {
  const { rotary, width, heads, tableSide, classToken } = vision
  if (rotary === null) return {}
  const headSize = width / heads
  return { rotary: { ...rotary, headSize, heads, tableSide, side: gridOf(vision), others: classToken ? 1 : 0 } }
}

/** [batch, tokens, width] → [batch, width] */
function addPooled(b: GraphBuilder, encoded: string, tower: TowerOptions, { attentionPool, width }: VisionConfig) {
  const norm = { ...tower, name: 'norm_out', from: 'vision_model.post_layernorm' }
  if (attentionPool !== null) {
    const pooled = addAttentionPool(b, addLayerNorm(b, encoded, norm), tower, attentionPool)
    return b.add('Reshape', 'pooled', [pooled, b.shape(-1, width)])
  }
  const first = tower.firstOnly === true ? encoded : addFirstToken(b, encoded, 'first')
  return addLayerNorm(b, b.add('Reshape', 'pooled', [first, b.shape(-1, width)]), norm)
}

/** Pixels are cut into patches while they are still bytes: a quarter of the memory traffic, and no convolution. */
function addPixelTokens(b: GraphBuilder, checkpoint: Checkpoint): string {
  const { vision } = checkpoint.config
  const { width, patchSize: patch, imageSize } = vision
  const grid = gridOf(vision)
  const used = grid * patch
  const { weight, bias } = foldPixels(patchWeight(checkpoint), { ...checkpoint.config, bias: patchBias(checkpoint) })
  const pixels =
    used === imageSize
      ? 'pixels'
      : b.add('Slice', 'pixels.used', ['pixels', b.shape(0, 0), b.shape(used, used), b.shape(1, 2)])
  const rows = b.add('Reshape', 'patches.rows', [pixels, b.shape(-1, grid, patch, grid, patch * 3)])
  const cut = b.add('Transpose', 'patches.cut', [rows], { attributes: { perm: ints(0, 1, 3, 2, 4) } })
  const flat = b.add('Reshape', 'patches.flat', [cut, b.shape(-1, grid * grid, patch * patch * 3)])
  const floats = b.add('Cast', 'patches.floats', [flat], { attributes: { to: int(FLOAT) } })
  const patches = b.add('MatMul', 'patches', [floats, b.constant('patches.weight', weight)])
  const positions = positionsWithBias(positionVectors(checkpoint), bias, vision.classToken)
  return addPositions(b, checkpoint, {
    input: 'pixels',
    patches,
    positions: b.constant('positions', positions),
    width,
  })
}

function addTextbookTokens(b: GraphBuilder, checkpoint: Checkpoint): string {
  const { vision } = checkpoint.config
  const { width, patchSize: patch } = vision
  const count = gridOf(vision) ** 2
  const weight = b.constant('patches.weight', patchWeight(checkpoint))
  const bias = patchBias(checkpoint)
  const inputs = bias === null ? [weight] : [weight, b.constant('patches.bias', bias)]
  const attributes = { kernel_shape: ints(patch, patch), strides: ints(patch, patch) }
  const grid = b.add('Conv', 'patches.grid', ['pixel_values', ...inputs], { attributes })
  const flat = b.add('Reshape', 'patches.flat', [grid, b.shape(0, width, count)])
  const patches = b.add('Transpose', 'patches', [flat], { attributes: { perm: ints(0, 2, 1) } })
  const vectors = positionVectors(checkpoint)
  const positions = b.constant('positions', reshaped(vectors, [1, ...vectors.dims]))
  return addPositions(b, checkpoint, { input: 'pixel_values', patches, positions, width })
}

interface TokenParts {
  readonly input: string
  readonly patches: string
  readonly positions: string
  readonly width: number
}

/** Puts the class token, if there is one, before the patches of each image, and adds the positions. */
function addPositions(b: GraphBuilder, checkpoint: Checkpoint, { input, patches, positions, width }: TokenParts) {
  if (!checkpoint.config.vision.classToken) return b.add('Add', 'tokens.placed', [patches, positions])
  const vector = reshaped(checkpoint.tensor('vision_model.embeddings.class_embedding', [width]), [1, 1, width])
  const batch = b.add('Shape', 'batch', [input], { attributes: { start: int(0), end: int(1) } })
  const shape = b.add('Concat', 'class.shape', [batch, b.shape(1, width)], { attributes: { axis: int(0) } })
  const token = b.add('Expand', 'class', [b.constant('class.vector', vector), shape])
  const all = b.add('Concat', 'tokens', [token, patches], { attributes: { axis: int(1) } })
  return b.add('Add', 'tokens.placed', [all, positions])
}

function patchWeight(checkpoint: Checkpoint) {
  const { width, patchSize: patch } = checkpoint.config.vision
  return checkpoint.tensor('vision_model.embeddings.patch_embedding.weight', [width, 3, patch, patch])
}

function patchBias(checkpoint: Checkpoint) {
  const { patchBias, width } = checkpoint.config.vision
  return patchBias ? checkpoint.tensor('vision_model.embeddings.patch_embedding.bias', [width]) : null
}

/** [tokens, width] */
function positionVectors(checkpoint: Checkpoint) {
  const { vision } = checkpoint.config
  const { width, tableSide } = vision
  const others = vision.classToken ? 1 : 0
  const table = checkpoint.tensor('vision_model.embeddings.position_embedding.weight', [tableSide ** 2 + others, width])
  const side = gridOf(vision)
  return side === tableSide ? table : resamplePositions(table, { side, others })
}

/** TensorProto.DataType.FLOAT */
const FLOAT = 1
