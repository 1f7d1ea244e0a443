/** The pre-norm transformer layer that both towers of CLIP share, in fused operators of onnxruntime or in standard ONNX operators. */

import type { TowerConfig } from './clipConfig.ts'
import { float, int, ints, MICROSOFT } from './graph.ts'
import type { GraphBuilder } from './graphBuilder.ts'
import type { Checkpoint } from './openCheckpoint.ts'
import { concat, packedColumns, transposed } from './weights.ts'

export interface TowerOptions {
  readonly checkpoint: Checkpoint
  readonly config: TowerConfig
  /** 'vision_model' or 'text_model' */
  readonly prefix: string
  /** Each token attends only to itself and to earlier tokens. */
  readonly causal: boolean
  /** Standard ONNX operators only, every token in every layer: for other runtimes, and as a reference. */
  readonly plain: boolean
  /** Plain causal graphs add this to the attention scores: [tokens, tokens], 0 or −∞. */
  readonly mask?: string
  /** The last layer computes the first token only, because the others are not used. Not for plain graphs. */
  readonly firstOnly?: boolean
}

/** All layers over tokens [batch, tokens, width]; → the same shape, or [batch, 1, width] with `firstOnly`. */
export function addLayers(b: GraphBuilder, tokens: string, options: TowerOptions): string {
  let x = tokens
  for (let i = 0; i < options.config.layers; i++) {
    const firstOnly = options.firstOnly === true && i === options.config.layers - 1
    x = addLayer(b, x, { ...options, firstOnly, name: `layers.${i}`, from: `${options.prefix}.encoder.layers.${i}` })
  }
  return x
}

/** x / √(variance + ε) · weight + bias over the last axis, with the checkpoint's vectors called `from`. */
export function addLayerNorm(b: GraphBuilder, x: string, options: TowerOptions & LayerNames): string {
  const { checkpoint, config, name, from } = options
  const scale = b.constant(`${name}.weight`, checkpoint.tensor(`${from}.weight`, [config.width]))
  const shift = b.constant(`${name}.bias`, checkpoint.tensor(`${from}.bias`, [config.width]))
  const attributes = { axis: int(-1), epsilon: float(config.epsilon) }
  return b.add('LayerNormalization', name, [x, scale, shift], { attributes })
}

export interface LayerNames {
  /** In the graph. */
  readonly name: string
  /** In the checkpoint. */
  readonly from: string
}

type LayerOptions = TowerOptions & LayerNames & { readonly firstOnly: boolean }

/** Sums and norms stay apart: onnxruntime's SkipLayerNormalization does all in one pass and takes three times as long on a CPU. */
function addLayer(b: GraphBuilder, x: string, layer: LayerOptions): string {
  const { name, from, config, plain, firstOnly } = layer
  const normed = addLayerNorm(b, x, { ...layer, name: `${name}.norm1`, from: `${from}.layer_norm1` })
  const attended = plain ? addTextbookAttention(b, normed, layer) : addFusedAttention(b, normed, layer)
  const out = addLinear(b, attended, {
    ...layer,
    name: `${name}.attn.out`,
    from: `${from}.self_attn.out_proj`,
    dims: [config.width, config.width],
  })
  const kept = firstOnly ? addFirstToken(b, x, `${name}.first`) : x
  const middle = b.add('Add', `${name}.attn.residual`, [kept, out])
  const normed2 = addLayerNorm(b, middle, { ...layer, name: `${name}.norm2`, from: `${from}.layer_norm2` })
  const hidden = addActivatedLinear(b, normed2, {
    ...layer,
    name: `${name}.mlp.fc1`,
    from: `${from}.mlp.fc1`,
    dims: [config.mlpWidth, config.width],
  })
  const back = addLinear(b, hidden, {
    ...layer,
    name: `${name}.mlp.fc2`,
    from: `${from}.mlp.fc2`,
    dims: [config.width, config.mlpWidth],
  })
  return b.add('Add', `${name}.mlp.residual`, [middle, back])
}

type LinearOptions = TowerOptions & LayerNames & { readonly dims: readonly [outputs: number, inputs: number] }

function addLinear(b: GraphBuilder, x: string, options: LinearOptions): string {
  const { name } = options
  return b.add('Add', name, [addProduct(b, x, options), addBias(b, options)])
}

function addProduct(b: GraphBuilder, x: string, { checkpoint, name, from, dims }: LinearOptions): string {
  const weight = b.constant(`${name}.weight`, transposed(checkpoint.tensor(`${from}.weight`, dims)))
  return b.add('MatMul', `${name}.matmul`, [x, weight])
}

function addBias(b: GraphBuilder, { checkpoint, name, from, dims }: LinearOptions): string {
  return b.constant(`${name}.bias`, checkpoint.tensor(`${from}.bias`, [dims[0]]))
}

/** The first linear layer of the MLP with its activation, with as few passes over memory as the operators allow. */
function addActivatedLinear(b: GraphBuilder, x: string, options: LinearOptions): string {
  const { name, plain, config } = options
  const act = `${name}.act`
  if (!plain && config.activation === 'gelu') {
    return b.add('BiasGelu', act, [addProduct(b, x, options), addBias(b, options)], { domain: MICROSOFT })
  }
  const y = addLinear(b, x, options)
  if (!plain) {
    return b.add('QuickGelu', act, [y], { domain: MICROSOFT, attributes: { alpha: float(1.702) } })
  }
  if (config.activation === 'quick_gelu') {
    const scaled = b.add('Mul', `${act}.scaled`, [y, b.scalar('quick_gelu.alpha', 1.702)])
    return b.add('Mul', act, [y, b.add('Sigmoid', `${act}.sigmoid`, [scaled])])
  }
  const scaled = b.add('Mul', `${act}.scaled`, [y, b.scalar('gelu.root', Math.SQRT1_2)])
  const share = b.add('Add', `${act}.share`, [b.add('Erf', `${act}.erf`, [scaled]), b.scalar('one', 1)])
  return b.add('Mul', act, [b.add('Mul', `${act}.half`, [y, share]), b.scalar('half', 0.5)])
}

/** Queries, keys and values by one packed product; with `firstOnly` the single query has a separate product. */
function addFusedAttention(b: GraphBuilder, x: string, layer: LayerOptions): string {
  const { checkpoint, config, name, from, causal, firstOnly } = layer
  const { width, heads } = config
  const parts = ['q', 'k', 'v'].map(part => `${from}.self_attn.${part}_proj`)
  const weights = parts.map(part => checkpoint.tensor(`${part}.weight`, [width, width]))
  const biases = parts.map(part => checkpoint.tensor(`${part}.bias`, [width]))
  const product = (ending: string, input: string, packed: typeof weights) => {
    const weight = b.constant(`${name}.attn.${ending}.weight`, packedColumns(packed))
    return b.add('MatMul', `${name}.attn.${ending}`, [input, weight])
  }
  const split = (packed: string, endings: readonly string[]) =>
    b.addMany('Split', `${name}.attn.split`, [packed], { endings, attributes: { axis: int(-1) } })
  const qkv = firstOnly
    ? [
        product('q', addFirstToken(b, x, `${name}.attn.first`), weights.slice(0, 1)),
        ...split(product('kv', x, weights.slice(1)), ['k', 'v']),
      ]
    : split(product('qkv', x, weights), ['q', 'k', 'v'])
  const bias = b.constant(`${name}.attn.qkv.bias`, concat(biases))
  const attributes = { num_heads: int(heads), ...(causal ? { unidirectional: int(1) } : {}) }
  return b.add('MultiHeadAttention', `${name}.attn`, [...qkv, bias], { domain: MICROSOFT, attributes })
}

function addTextbookAttention(b: GraphBuilder, x: string, layer: LayerOptions): string {
  const { config, name, from, mask } = layer
  const { width, heads } = config
  const size = width / heads
  const split = (part: string, ...perm: number[]) => {
    const options = { ...layer, name: `${name}.attn.${part}`, from: `${from}.self_attn.${part}_proj` }
    const flat = addLinear(b, x, { ...options, dims: [width, width] })
    const split = b.add('Reshape', `${flat}.split`, [flat, b.shape(0, -1, heads, size)])
    return b.add('Transpose', `${flat}.heads`, [split], { attributes: { perm: ints(...perm) } })
  }
  const query = b.add('Mul', `${name}.attn.query`, [split('q', 0, 2, 1, 3), b.scalar('attn.scale', size ** -0.5)])
  const raw = b.add('MatMul', `${name}.attn.scores`, [query, split('k', 0, 2, 3, 1)])
  const scores = mask === undefined ? raw : b.add('Add', `${name}.attn.masked`, [raw, mask])
  const shares = b.add('Softmax', `${name}.attn.shares`, [scores], { attributes: { axis: int(-1) } })
  const mixed = b.add('MatMul', `${name}.attn.mixed`, [shares, split('v', 0, 2, 1, 3)])
  const merged = b.add('Transpose', `${name}.attn.turned`, [mixed], { attributes: { perm: ints(0, 2, 1, 3) } })
  return b.add('Reshape', `${name}.attn`, [merged, b.shape(0, -1, width)])
}

/** [batch, tokens, width] → [batch, 1, width] */
export function addFirstToken(b: GraphBuilder, x: string, name: string): string {
  return b.add('Slice', name, [x, b.shape(0), b.shape(1), b.shape(1)])
}
