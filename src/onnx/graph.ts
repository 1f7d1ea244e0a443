/** An ONNX graph in memory. It is immutable: every helper returns a new graph. */

import type { AttributeProto, FunctionProto } from './proto/onnx_pb.ts'
import type { DType, Tensor } from './tensor.ts'

export interface Graph {
  readonly name: string
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  /** Topologically sorted: every value is produced before it is used. */
  readonly nodes: readonly GraphNode[]
  /** Constants by name: weights, shapes, axes. */
  readonly initializers: ReadonlyMap<string, Tensor>
  /** Operator set domain → version; '' is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>
  readonly metadata: ReadonlyMap<string, string>
  /** Model-local functions of imported files, kept as they are. */
  readonly functions: readonly FunctionProto[]
}

export interface ValueInfo {
  readonly name: string
  readonly dtype: DType
  /** Numbers are fixed, names are dynamic: ['batch', 3, 224, 224]. Null: unknown rank. */
  readonly dims: readonly (number | string)[] | null
}

export interface GraphNode {
  readonly op: string
  /** '' for ONNX's own operators, 'com.microsoft' for onnxruntime's. */
  readonly domain: string
  /** Unique in exported graphs; may be '' in imported ones. */
  readonly name: string
  /** Value names; '' for an omitted optional input. */
  readonly inputs: readonly string[]
  /** Value names; '' for an omitted optional output. */
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

export type Attribute =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'tensor'; readonly value: Tensor }
  /** Anything else (subgraphs, lists of strings), kept as it is; `captures` names the outer values it uses. */
  | { readonly type: 'other'; readonly proto: AttributeProto; readonly captures: readonly string[] }

export const MICROSOFT = 'com.microsoft'

export const int = (value: number): Attribute => ({ type: 'int', value })
export const float = (value: number): Attribute => ({ type: 'float', value })
export const string = (value: string): Attribute => ({ type: 'string', value })
export const ints = (...value: number[]): Attribute => ({ type: 'ints', value })

export interface NodeFields {
  readonly op: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly domain?: string
  readonly attributes?: Readonly<Record<string, Attribute>>
}

export function node(fields: NodeFields): GraphNode {
  return { domain: '', attributes: {}, ...fields }
}

/** Producers and consumers of each value. */
export interface GraphIndex {
  producerOf(value: string): GraphNode | undefined
  consumersOf(value: string): readonly GraphNode[]
  isOutput(value: string): boolean
}

export function indexGraph(graph: Graph): GraphIndex {
  const producers = new Map<string, GraphNode>()
  const consumers = new Map<string, GraphNode[]>()
  for (const each of graph.nodes) {
    for (const output of each.outputs) if (output !== '') producers.set(output, each)
    for (const input of new Set(usesOf(each))) {
      const list = consumers.get(input)
      if (list) list.push(each)
      else consumers.set(input, [each])
    }
  }
  const outputs = new Set(graph.outputs.map(output => output.name))
  return {
    producerOf: value => producers.get(value),
    consumersOf: value => consumers.get(value) ?? [],
    isOutput: value => outputs.has(value),
  }
}

/** All values that a node needs: its inputs and the outer values of its subgraphs. */
function usesOf(each: GraphNode): string[] {
  const captured = Object.values(each.attributes).flatMap(a => (a.type === 'other' ? a.captures : []))
  return [...each.inputs, ...captured].filter(name => name !== '')
}

/** Replaces each node by one node, several or none; returning the node itself keeps it. */
export function mapNodes(graph: Graph, change: (each: GraphNode) => GraphNode | readonly GraphNode[]): Graph {
  return { ...graph, nodes: graph.nodes.flatMap(each => change(each)) }
}

/** Adds constants, or replaces those of the same name. */
export function withInitializers(graph: Graph, added: Iterable<readonly [string, Tensor]>): Graph {
  return { ...graph, initializers: new Map([...graph.initializers, ...added]) }
}

/** Changes or keeps each constant. */
export function mapInitializers(graph: Graph, change: (tensor: Tensor, name: string) => Tensor): Graph {
  return { ...graph, initializers: new Map([...graph.initializers].map(([name, t]) => [name, change(t, name)])) }
}

/** Declares an operator set; a higher version that is already declared is kept. */
export function withOpset(graph: Graph, domain: string, version: number): Graph {
  const kept = Math.max(version, graph.opsets.get(domain) ?? 0)
  return { ...graph, opsets: new Map([...graph.opsets, [domain, kept]]) }
}

/** Removes nodes that no output depends on, and unused constants. */
export function pruneUnused(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(output => output.name))
  const kept: GraphNode[] = []
  for (const each of [...graph.nodes].reverse()) {
    if (!each.outputs.some(output => needed.has(output))) continue
    kept.push(each)
    for (const name of usesOf(each)) needed.add(name)
  }
  const initializers = new Map([...graph.initializers].filter(([name]) => needed.has(name)))
  return { ...graph, nodes: kept.reverse(), initializers }
}
