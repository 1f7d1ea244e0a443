/** Finds the linear layers of a graph, in the forms of several exporters, and rewrites them. */

import { type Graph, type GraphIndex, type GraphNode, indexGraph, pruneUnused, withInitializers } from '../graph.ts'
import { floatsOf, type Tensor } from '../tensor.ts'

/** y = x · W (+ bias): a MatMul or Gemm with a constant weight. */
export interface Linear {
  readonly node: GraphNode
  /** The node's name; the weight's where the node has none. */
  readonly name: string
  /** The weight's name among the graph's initializers. */
  readonly weight: string
  /** Stored [columns, rows] instead of [rows, columns]. */
  readonly transposed: boolean
  /** Inputs. */
  readonly rows: number
  /** Outputs. */
  readonly columns: number
  /** The bias of a Gemm; null for a MatMul, whose bias is a separate node. */
  readonly bias: string | null
  /** The uint8 value that the layer reads through a cast: the pixels of a patch; null for all other layers. */
  readonly bytes: string | null
}

/** In the graph's order. Weights of other types than float, and Gemms that scale, are left out. */
export function findLinears(graph: Graph): Linear[] {
  const index = indexGraph(graph)
  return graph.nodes.flatMap(node => linearOf(graph, index, node) ?? [])
}

/** The weight as [rows, columns], row by row. May be a view: never write to it. */
export function weightsOf(graph: Graph, linear: Linear): Float32Array<ArrayBuffer> {
  const tensor = graph.initializers.get(linear.weight)
  if (tensor === undefined) throw new RangeError(`Expected an initializer named ${linear.weight}`)
  const stored = floatsOf(tensor)
  return linear.transposed ? transpose(stored, linear.columns, linear.rows) : stored
}

/** [rows, columns] → [columns, rows], in tiles that fit the cache. */
export function transpose(values: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const transposed = new Float32Array(values.length)
  const tile = 32
  for (let row0 = 0; row0 < rows; row0 += tile) {
    for (let column0 = 0; column0 < columns; column0 += tile) {
      const rowEnd = Math.min(row0 + tile, rows)
      const columnEnd = Math.min(column0 + tile, columns)
      for (let row = row0; row < rowEnd; row++) {
        for (let column = column0; column < columnEnd; column++) {
          transposed[column * rows + row] = values[row * columns + column]!
        }
      }
    }
  }
  return transposed
}

/** Chooses layers by name. */
export type Choose = (name: string) => boolean

export const everyLayer: Choose = () => true

export interface Rewrite {
  readonly nodes: readonly GraphNode[]
  readonly initializers: readonly (readonly [string, Tensor])[]
}

/** Replaces the chosen layers by other nodes and removes unused weights. */
export function rewriteLinears(graph: Graph, choose: Choose, rewrite: (linear: Linear) => Rewrite): Graph {
  const rewrites = new Map<GraphNode, Rewrite>()
  for (const linear of findLinears(graph)) {
    if (choose(linear.name)) rewrites.set(linear.node, rewrite(linear))
  }
  const nodes = graph.nodes.flatMap(node => rewrites.get(node)?.nodes ?? node)
  const added = [...rewrites.values()].flatMap(each => each.initializers)
  return pruneUnused(withInitializers({ ...graph, nodes }, added))
}

function linearOf(graph: Graph, index: GraphIndex, node: GraphNode): Linear | null {
  if (node.domain !== '' || (node.op !== 'MatMul' && node.op !== 'Gemm')) return null
  if (node.op === 'Gemm' && !isPlainGemm(node)) return null
  const given = node.inputs[1] ?? ''
  const weight = constantBehind(graph, index, given)
  if (weight === null) return null
  const tensor = graph.initializers.get(weight.name)
  if (tensor === undefined || !tensor.dtype.startsWith('float') || tensor.dims.length !== 2) return null
  const transposed = (node.op === 'Gemm' && intOf(node, 'transB', 0) === 1) !== weight.transposed
  const [first = 0, second = 0] = tensor.dims
  return {
    node,
    name: node.name || weight.name,
    weight: weight.name,
    transposed,
    rows: transposed ? second : first,
    columns: transposed ? first : second,
    bias: node.op === 'Gemm' ? node.inputs[2] || null : null,
    bytes: bytesBehind(graph, index, node.inputs[0] ?? ''),
  }
}

/** The initializer that a value is, or whose transpose it is: exporters leave `Transpose(weight)` in their graphs. */
function constantBehind(graph: Graph, index: GraphIndex, value: string): { name: string; transposed: boolean } | null {
  if (graph.initializers.has(value)) return { name: value, transposed: false }
  const producer = index.producerOf(value)
  const source = producer?.inputs[0] ?? ''
  if (producer?.op !== 'Transpose' || !graph.initializers.has(source)) return null
  const perm = producer.attributes.perm
  const transposed = perm === undefined || (perm.type === 'ints' && perm.value.join() === '1,0')
  return transposed ? { name: source, transposed: true } : null
}

/** The uint8 value that was cast to this one: an input of the graph, possibly reshaped or transposed. */
function bytesBehind(graph: Graph, index: GraphIndex, value: string): string | null {
  const cast = index.producerOf(value)
  const bytes = cast?.op === 'Cast' ? (cast.inputs[0] ?? '') : ''
  let source = bytes
  for (let maker = index.producerOf(source); maker !== undefined; maker = index.producerOf(source)) {
    if (!MOVES.has(maker.op)) return null
    source = maker.inputs[0] ?? ''
  }
  return graph.inputs.some(({ name, dtype }) => name === source && dtype === 'uint8') ? bytes : null
}

/** Operators that move elements without changing them. */
const MOVES = new Set(['Reshape', 'Transpose', 'Slice', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity'])

function isPlainGemm(node: GraphNode): boolean {
  return intOf(node, 'transA', 0) === 0 && floatOf(node, 'alpha', 1) === 1 && floatOf(node, 'beta', 1) === 1
}

function intOf(node: GraphNode, name: string, fallback: number): number {
  const attribute = node.attributes[name]
  return attribute?.type === 'int' ? attribute.value : fallback
}

function floatOf(node: GraphNode, name: string, fallback: number): number {
  const attribute = node.attributes[name]
  return attribute?.type === 'float' ? attribute.value : fallback
}
