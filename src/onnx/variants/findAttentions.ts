/** Finds the attention layers of a graph: onnxruntime's MultiHeadAttention, or attention in standard operators. */

import { type Graph, type GraphIndex, type GraphNode, indexGraph, MICROSOFT } from '../graph.ts'
import { integersOf } from '../tensor.ts'
import { findLinears, type Linear } from './linears.ts'

export interface Attention {
  readonly heads: number
  /** Numbers per head. */
  readonly size: number
  /** Producers of queries, keys and values. */
  readonly parts: readonly Part[]
  /** The output projection; its rows are the heads, one after another. */
  readonly out: Linear
  /** The nodes that contain the number of heads: the fused operator, or the reshapes into heads and back. */
  readonly core:
    | { readonly fused: GraphNode; readonly bias: string | null }
    | { readonly reshapes: readonly GraphNode[] }
}

export interface Part {
  readonly linear: Linear
  /** The part's first column: above 0 where one product computes several parts. */
  readonly start: number
  /** A constant that is added to exactly these columns; null when there is none. */
  readonly bias: string | null
}

export function findAttentions(graph: Graph): Attention[] {
  const index = indexGraph(graph)
  const linears = new Map(findLinears(graph).map(linear => [linear.node, linear]))
  return graph.nodes.flatMap(node => {
    if (node.op === 'MultiHeadAttention' && node.domain === MICROSOFT) return fused(graph, index, linears, node) ?? []
    return linears.has(node) ? (textbook(graph, index, linears, node) ?? []) : []
  })
}

const FUSED = ['MultiHeadAttention', 'Attention', 'GroupQueryAttention']

/** Number of attention layers, including those that `findAttentions` cannot read: with rotary positions, for example. */
export function countAttentions(graph: Graph): number {
  const index = indexGraph(graph)
  const isMixing = ({ op, outputs }: GraphNode) =>
    op === 'Softmax' && index.consumersOf(outputs[0] ?? '').some(consumer => consumer.op === 'MatMul')
  return graph.nodes.filter(node => FUSED.includes(node.op) || isMixing(node)).length
}

type Linears = ReadonlyMap<GraphNode, Linear>

function fused(graph: Graph, index: GraphIndex, linears: Linears, node: GraphNode): Attention | null {
  const [consumer, ...others] = index.consumersOf(node.outputs[0] ?? '')
  const out = consumer === undefined ? undefined : linears.get(consumer)
  const parts = node.inputs.slice(0, 3).map(input => partOf(graph, index, linears, input))
  const heads = node.attributes.num_heads
  const [q, k, v] = parts
  if (out === undefined || others.length > 0 || heads?.type !== 'int' || !q || !k || !v) return null
  const bias = node.inputs[3] || null
  // Vision towers have no masks and past keys; a bias per head would have to be pruned, too.
  if (node.inputs.length > 4 || (bias !== null && !graph.initializers.has(bias))) return null
  return { heads: heads.value, size: out.rows / heads.value, parts: [q, k, v], out, core: { fused: node, bias } }
}

/** Follows the graph backwards from the output projection: Reshape, Transpose, MatMul(shares, v), Softmax, MatMul(q, k). */
function textbook(graph: Graph, index: GraphIndex, linears: Linears, node: GraphNode): Attention | null {
  const out = linears.get(node)
  const join = made(index, node.inputs[0], 'Reshape')
  const mixed = made(index, made(index, join?.inputs[0], 'Transpose')?.inputs[0], 'MatMul')
  const softmax = made(index, mixed?.inputs[0], 'Softmax')
  const masked = made(index, softmax?.inputs[0], 'Add')
  const scores = made(index, masked === null ? softmax?.inputs[0] : masked.inputs[0], 'MatMul')
  if (out === undefined || join === null || mixed === null || scores === null) return null
  const splits = [scores.inputs[0], scores.inputs[1], mixed.inputs[1]].map(input => splitOf(index, input))
  const parts = splits.map(split => partOf(graph, index, linears, split?.inputs[0] ?? ''))
  const [q, k, v] = parts
  const shape = integersIn(graph, splits[0]?.inputs[1])
  const [heads, size] = shape?.slice(-2) ?? []
  if (!q || !k || !v || heads === undefined || size === undefined || heads * size !== out.rows) return null
  return { heads, size, parts: [q, k, v], out, core: { reshapes: [...splits.filter(split => split !== null), join] } }
}

/** The Reshape into heads: behind a Transpose, and maybe a product with a constant. */
function splitOf(index: GraphIndex, value: string | undefined): GraphNode | null {
  const scaled = made(index, value, 'Mul') ?? made(index, value, 'Div')
  const transposed = made(index, scaled === null ? value : scaled.inputs[0], 'Transpose')
  return made(index, transposed?.inputs[0], 'Reshape')
}

/** The linear layer that produces a value: directly, through its bias, or as one part of a packed product. */
function partOf(graph: Graph, index: GraphIndex, linears: Linears, value: string): Part | null {
  const producer = index.producerOf(value)
  if (producer === undefined || index.consumersOf(value).length !== 1) return null
  const direct = linears.get(producer)
  if (direct !== undefined) return { linear: direct, start: 0, bias: direct.bias }
  if (producer.op === 'Add') {
    const bias = producer.inputs.find(input => graph.initializers.has(input))
    const product = index.producerOf(producer.inputs.find(input => input !== bias) ?? '')
    const linear = product === undefined ? undefined : linears.get(product)
    return linear === undefined || bias === undefined ? null : { linear, start: 0, bias }
  }
  // A packed product is split into equal parts; sizes given as an input would have to change with the cut.
  if (producer.op !== 'Split' || producer.inputs.length !== 1) return null
  const product = index.producerOf(producer.inputs[0] ?? '')
  const linear = product === undefined ? undefined : linears.get(product)
  if (linear === undefined || linear.bias !== null) return null
  const place = producer.outputs.indexOf(value)
  return { linear, start: (place * linear.columns) / producer.outputs.length, bias: null }
}

function made(index: GraphIndex, value: string | undefined, op: string): GraphNode | null {
  const producer = value === undefined ? undefined : index.producerOf(value)
  return producer?.op === op ? producer : null
}

export function integersIn(graph: Graph, name: string | undefined): number[] | null {
  const tensor = name === undefined ? undefined : graph.initializers.get(name)
  return tensor?.dtype === 'int64' ? integersOf(tensor) : null
}
