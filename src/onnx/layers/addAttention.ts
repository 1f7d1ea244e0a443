/** Multi-head attention without its output projection: fused in one operator of onnxruntime, or in standard ONNX operators. */

import { int, ints, MICROSOFT } from '../graph.ts'
import type { GraphBuilder } from '../graphBuilder.ts'
import { concat, packedColumns } from '../weights.ts'
import { addLinear } from './addLinear.ts'
import { addFusedRotary, addPlainRotary } from './addRotary.ts'
import type { LayerNames, TowerOptions } from './towerOptions.ts'

export interface AttentionOptions extends TowerOptions, LayerNames {
  /** Keys and values are made of these tokens: [batch, tokens, width]. */
  readonly x: string
}

/**
 * Queries are made of these tokens; `firstOnly`: of the first one. Other tokens than `x` need a product of their own.
 * With rotary positions, whose table has a row per token, queries are made of all tokens of `x`.
 */
export interface Query {
  readonly of: string
  readonly firstOnly: boolean
}

/** Queries, keys and values by one packed product; a query of fewer tokens has a separate product. */
export function addFusedAttention(b: GraphBuilder, query: Query, options: AttentionOptions): string {
  const { checkpoint, config, name, from, causal, x, rotary } = options
  const { width, heads } = config
  const parts = ['q', 'k', 'v'].map(part => `${from}.${part}_proj`)
  const weights = parts.map(part => checkpoint.tensor(`${part}.weight`, [width, width]))
  const biases = parts.map(part => checkpoint.tensor(`${part}.bias`, [width]))
  const product = (ending: string, input: string, packed: typeof weights) => {
    const weight = b.constant(`${name}.${ending}.weight`, packedColumns(packed))
    return b.add('MatMul', `${name}.${ending}`, [input, weight])
  }
  const split = (packed: string, endings: readonly string[]) =>
    b.addMany('Split', `${name}.split`, [packed], { endings, attributes: { axis: int(-1) } })
  const bias = b.constant(`${name}.qkv.bias`, concat(biases))
  const attributes = { num_heads: int(heads), ...(causal ? { unidirectional: int(1) } : {}) }
  if (rotary !== undefined) {
    const biased = b.add('Add', `${name}.qkv.biased`, [product('qkv', x, weights), bias])
    const [q = '', k = '', v = ''] = split(biased, ['q', 'k', 'v'])
    const turned = [addFusedRotary(b, q, `${name}.q.turned`, rotary), addFusedRotary(b, k, `${name}.k.turned`, rotary)]
    return b.add('MultiHeadAttention', name, [...turned, v], { domain: MICROSOFT, attributes })
  }
  const isApart = query.firstOnly || query.of !== x
  const qkv = isApart
    ? [
        product('q', queryTokens(b, query, name), weights.slice(0, 1)),
        ...split(product('kv', x, weights.slice(1)), ['k', 'v']),
      ]
    : split(product('qkv', x, weights), ['q', 'k', 'v'])
  return b.add('MultiHeadAttention', name, [...qkv, bias], { domain: MICROSOFT, attributes })
}

export function addTextbookAttention(b: GraphBuilder, query: Query, options: AttentionOptions): string {
  const { config, name, from, mask, x, rotary } = options
  const { width, heads } = config
  const size = width / heads
  const split = (part: string, input: string, ...perm: number[]) => {
    const linear = { ...options, name: `${name}.${part}`, from: `${from}.${part}_proj`, dims: [width, width] } as const
    const straight = addLinear(b, input, linear)
    const isTurned = rotary !== undefined && part !== 'v'
    const flat = isTurned ? addPlainRotary(b, straight, `${straight}.rotary`, rotary) : straight
    const split = b.add('Reshape', `${flat}.split`, [flat, b.shape(0, -1, heads, size)])
    return b.add('Transpose', `${flat}.heads`, [split], { attributes: { perm: ints(...perm) } })
  }
  const heading = split('q', queryTokens(b, query, name), 0, 2, 1, 3)
  const scaled = b.add('Mul', `${name}.query`, [heading, b.scalar(`attn.scale.${size}`, size ** -0.5)])
  const raw = b.add('MatMul', `${name}.scores`, [scaled, split('k', x, 0, 2, 3, 1)])
  const scores = mask === undefined ? raw : b.add('Add', `${name}.masked`, [raw, mask])
  const shares = b.add('Softmax', `${name}.shares`, [scores], { attributes: { axis: int(-1) } })
  const mixed = b.add('MatMul', `${name}.mixed`, [shares, split('v', x, 0, 2, 1, 3)])
  const merged = b.add('Transpose', `${name}.turned`, [mixed], { attributes: { perm: ints(0, 2, 1, 3) } })
  return b.add('Reshape', name, [merged, b.shape(0, -1, width)])
}

function queryTokens(b: GraphBuilder, { of, firstOnly }: Query, name: string): string {
  return firstOnly ? addFirstToken(b, of, `${name}.first`) : of
}

/** [batch, tokens, width] → [batch, 1, width] */
export function addFirstToken(b: GraphBuilder, x: string, name: string): string {
  return b.add('Slice', name, [x, b.shape(0), b.shape(1), b.shape(1)])
}
