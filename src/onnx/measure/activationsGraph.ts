/** Measures the moments of layer inputs on real frames: see `Moments`. */

import { type Graph, int, node, pruneUnused, withInitializers } from '../graph.ts'
import { int64Tensor } from '../tensor.ts'
import type { Linear } from '../variants/linears.ts'
import type { Activations } from '../variants/moments.ts'
import type { Reduced } from './sessionRunnerProtocol.ts'

const PREFIX = 'watchword'

/**
 * The graph with three outputs per layer, over all rows (tokens) of its input: XᵀX, the sum of the rows, their number.
 * The shapes do not depend on the batch, so batches can be added.
 */
export function activationsGraph(graph: Graph, layers: readonly Linear[]): Graph {
  const constants = withInitializers(graph, [
    [`${PREFIX}/axis0`, int64Tensor([1], [0])],
    [`${PREFIX}/first`, int64Tensor([1], [0])],
    [`${PREFIX}/second`, int64Tensor([1], [1])],
  ])
  const nodes = layers.flatMap(layer => nodesOf(layer))
  const outputs = layers.flatMap(({ name, rows }) => [
    { name: `${PREFIX}/gram/${name}`, dtype: 'float32' as const, dims: [rows, rows] },
    { name: `${PREFIX}/sums/${name}`, dtype: 'float32' as const, dims: [rows] },
    { name: `${PREFIX}/rows/${name}`, dtype: 'float32' as const, dims: [1] },
  ])
  const shapes = layers.map(({ name, rows }) => [`${PREFIX}/shape/${name}`, int64Tensor([2], [-1, rows])] as const)
  return pruneUnused(withInitializers({ ...constants, nodes: [...graph.nodes, ...nodes], outputs }, shapes))
}

function nodesOf({ name, node: layer }: Linear) {
  const at = (what: string) => `${PREFIX}/${what}/${name}`
  const make = (op: string, what: string, inputs: readonly string[], attributes = {}) =>
    node({ op, name: at(what), inputs, outputs: [at(what)], attributes })
  return [
    make('Reshape', 'flat', [layer.inputs[0]!, at('shape')]),
    make('Transpose', 'transposed', [at('flat')]),
    make('MatMul', 'gram', [at('transposed'), at('flat')]),
    make('ReduceSum', 'sums', [at('flat'), `${PREFIX}/axis0`], { keepdims: int(0) }),
    make('Shape', 'size', [at('flat')]),
    make('Slice', 'count', [at('size'), `${PREFIX}/first`, `${PREFIX}/second`]),
    make('Cast', 'rows', [at('count')], { to: int(1) }),
  ]
}

/** @param sums of a run of `activationsGraph` */
export function activationsFrom(sums: Reduced, layers: readonly Linear[]): Activations {
  const get = (what: string, name: string) => sums.get(`${PREFIX}/${what}/${name}`) ?? new Float32Array()
  return new Map(
    layers.map(({ name }) => [
      name,
      { gram: get('gram', name), sums: get('sums', name), rows: get('rows', name)[0] ?? 0 },
    ]),
  )
}
