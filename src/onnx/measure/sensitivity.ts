/** Measures on frames how much quantization changes the output of each layer, with a single graph. */

import { type Graph, int, node } from '../graph.ts'
import { int4 } from '../variants/int4.ts'
import { int8 } from '../variants/int8.ts'
import { findLinears } from '../variants/linears.ts'
import type { Reduced } from './sessionRunnerProtocol.ts'

export interface Sensitivity {
  readonly layer: string
  /** Energy of the error in the layer's output, as a fraction of the output's energy. */
  readonly error: number
}

const TWIN = '/twin'
const ERROR = 'watchword/error/'
const SIZE = 'watchword/size/'

/**
 * Every linear layer gets a quantized twin with the same input. The outputs are, per layer, the sums of squares of the
 * difference and of the layer's own output.
 */
export function sensitivityGraph(graph: Graph, store: 'int8' | 'int4'): Graph {
  // Layers that read pixels are left out: they are stored alike with int8 and int4.
  const layers = findLinears(graph).filter(linear => linear.bytes === null)
  const twins = layers.map(({ name, node: layer }) => ({
    ...layer,
    name: `${name}${TWIN}`,
    outputs: layer.outputs.map(output => `${output}${TWIN}`),
  }))
  // A twin follows its layer, so that the order stays topological.
  const doubled = graph.nodes.flatMap(each => {
    const place = layers.findIndex(layer => layer.node === each)
    const twin = twins[place]
    return twin === undefined ? [each] : [each, twin]
  })
  const small = store === 'int8' ? int8 : int4
  const stored = small(
    { ...graph, nodes: doubled, outputs: twinOutputs(graph, twins) },
    {
      layers: name => name.endsWith(TWIN),
      rest: false,
    },
  )
  const sums = layers.flatMap(({ name, node: layer }) => comparison(name, layer.outputs[0]!))
  const outputs = layers.flatMap(({ name }) =>
    [ERROR, SIZE].map(prefix => ({ name: `${prefix}${name}`, dtype: 'float32' as const, dims: [] })),
  )
  return { ...stored, nodes: [...stored.nodes, ...sums], outputs }
}

/** @returns the most sensitive layer first */
export function sensitivityFrom(sums: Reduced): Sensitivity[] {
  return [...sums]
    .filter(([name]) => name.startsWith(ERROR))
    .map(([name, [error = 0]]) => {
      const layer = name.slice(ERROR.length)
      return { layer, error: error / (sums.get(`${SIZE}${layer}`)?.[0] || 1) }
    })
    .sort((a, b) => b.error - a.error || a.layer.localeCompare(b.layer))
}

/** Twins are outputs of the graph, so that they are not removed as unused. */
function twinOutputs(graph: Graph, twins: readonly { readonly outputs: readonly string[] }[]): Graph['outputs'] {
  return [
    ...graph.outputs,
    ...twins.flatMap(twin => twin.outputs.map(name => ({ name, dtype: 'float32' as const, dims: null }))),
  ]
}

function comparison(layer: string, output: string) {
  const difference = `watchword/difference/${layer}`
  const sum = (input: string, name: string) =>
    node({ op: 'ReduceSumSquare', name, inputs: [input], outputs: [name], attributes: { keepdims: int(0) } })
  return [
    node({ op: 'Sub', name: difference, inputs: [output, `${output}${TWIN}`], outputs: [difference] }),
    sum(difference, `${ERROR}${layer}`),
    sum(output, `${SIZE}${layer}`),
  ]
}
