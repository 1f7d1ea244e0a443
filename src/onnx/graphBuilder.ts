/** Builds a graph node by node. A node and its output share a name, so that profiles are readable. */

import { type Attribute, type Graph, type GraphNode, MICROSOFT, node, type ValueInfo } from './graph.ts'
import { floatTensor, int64Tensor, type Tensor } from './tensor.ts'

export interface GraphBuilder {
  /** Adds a constant and returns its name. */
  constant(name: string, tensor: Tensor): string
  /** A shape, axes or indices: [3, −1] → int64 [2]. Equal ones share a constant. */
  shape(...values: number[]): string
  /** A float32 scalar. */
  scalar(name: string, value: number): string
  /** Adds a node with one output and returns the output's name, which is the node's. */
  add(op: string, name: string, inputs: readonly string[], options?: NodeOptions): string
  /** As `add`, for nodes with several outputs: `<name>.<ending>` each. */
  addMany(op: string, name: string, inputs: readonly string[], options: ManyOptions): string[]
  /** The graph; the last node's value is renamed to the output's name. */
  finish(options: FinishOptions): Graph
}

export interface NodeOptions {
  readonly domain?: string
  readonly attributes?: Readonly<Record<string, Attribute>>
}

interface ManyOptions extends NodeOptions {
  readonly endings: readonly string[]
}

interface FinishOptions {
  readonly name: string
  readonly inputs: readonly ValueInfo[]
  readonly output: ValueInfo
}

/** The first opset with LayerNormalization; a higher one would exclude older runtimes. */
const OPSET = 17

export function createGraphBuilder(): GraphBuilder {
  const nodes: GraphNode[] = []
  const initializers = new Map<string, Tensor>()
  const constant = (name: string, tensor: Tensor) => {
    initializers.set(name, tensor)
    return name
  }
  return {
    constant,
    shape: (...values) => constant(`shape.${values.join('x')}`, int64Tensor([values.length], values)),
    scalar: (name, value) => constant(name, floatTensor([], [value])),
    add: (op, name, inputs, options = {}) => {
      nodes.push(node({ op, name, inputs, outputs: [name], ...options }))
      return name
    },
    addMany: (op, name, inputs, { endings, ...options }) => {
      const outputs = endings.map(ending => `${name}.${ending}`)
      nodes.push(node({ op, name, inputs, outputs, ...options }))
      return outputs
    },
    finish: ({ name, inputs, output }) => {
      const last = nodes.pop()
      if (last === undefined) throw new RangeError('Expected the graph to have at least one node')
      const opsets = new Map([['', OPSET]])
      if (nodes.some(each => each.domain === MICROSOFT)) opsets.set(MICROSOFT, 1)
      return {
        name,
        inputs,
        outputs: [output],
        nodes: [...nodes, { ...last, outputs: [output.name] }],
        initializers,
        opsets,
        metadata: new Map(),
        functions: [],
      }
    },
  }
}
