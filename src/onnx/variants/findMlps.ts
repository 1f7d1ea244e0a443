/** Finds the multi-layer perceptrons of a graph: two linear layers with only elementwise operators in between. */

import { type Graph, type GraphIndex, indexGraph } from '../graph.ts'
import { elementCount } from '../tensor.ts'
import { findLinears, type Linear } from './linears.ts'

export interface Mlp {
  /** Its columns are the neurons. */
  readonly up: Linear
  /** Its rows are the neurons. */
  readonly down: Linear
  /** Initializers in between with one number per neuron: biases. */
  readonly perNeuron: readonly string[]
}

/** Operators that keep the last axis, element by element. */
const ELEMENTWISE = new Set(
  'Add Sub Mul Div Pow Sqrt Neg Abs Exp Erf Tanh Sigmoid Relu LeakyRelu Gelu FastGelu QuickGelu BiasGelu Clip Cast Identity HardSigmoid Softplus'.split(
    ' ',
  ),
)

export function findMlps(graph: Graph): Mlp[] {
  const index = indexGraph(graph)
  const linears = findLinears(graph)
  return linears.flatMap(up => follow(graph, index, linears, up) ?? [])
}

/** Walks from `up` through elementwise operators; null unless all paths end in the same linear layer. */
function follow(graph: Graph, index: GraphIndex, linears: readonly Linear[], up: Linear): Mlp | null {
  const reached = new Set<string>(up.node.outputs)
  const perNeuron = new Set<string>(up.bias === null ? [] : [up.bias])
  const ends = new Set<Linear>()
  // A set grows while it is walked: every value is visited once.
  for (const value of reached) {
    if (index.isOutput(value)) return null
    for (const consumer of index.consumersOf(value)) {
      const linear = linears.find(each => each.node === consumer)
      if (linear !== undefined && linear.node.inputs[0] === value) {
        ends.add(linear)
        continue
      }
      if (!ELEMENTWISE.has(consumer.op)) return null
      for (const output of consumer.outputs) reached.add(output)
    }
  }
  const [down] = ends
  if (down === undefined || ends.size > 1 || down.rows !== up.columns) return null
  return othersAreConstant(graph, index, reached, { neurons: up.columns, perNeuron, up })
    ? { up, down, perNeuron: [...perNeuron] }
    : null
}

/** Collects the constants that the visited operators use; false when one uses anything else. */
function othersAreConstant(
  graph: Graph,
  index: GraphIndex,
  reached: ReadonlySet<string>,
  { neurons, perNeuron, up }: { neurons: number; perNeuron: Set<string>; up: Linear },
): boolean {
  const nodes = new Set([...reached].map(value => index.producerOf(value)))
  for (const node of nodes) {
    if (node === undefined || node === up.node) continue
    for (const input of node.inputs) {
      if (input === '' || reached.has(input)) continue
      const dims = graph.initializers.get(input)?.dims
      if (dims === undefined) return false
      const isBias = dims.at(-1) === neurons && elementCount(dims) === neurons
      if (isBias) perNeuron.add(input)
      else if (elementCount(dims) !== 1) return false
    }
  }
  return true
}
