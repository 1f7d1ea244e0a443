/** Slices the weight of a linear layer, in either storage order. */

import { type Graph, withInitializers } from '../graph.ts'
import { elementCount, floatsOf, floatTensor, type Tensor } from '../tensor.ts'
import { type Linear, transpose, weightsOf } from './linears.ts'

/** The graph with only these columns (outputs) of the layer, in this order. */
export function keepColumns(graph: Graph, linear: Linear, kept: readonly number[]): Graph {
  const from = weightsOf(graph, linear)
  const weights = new Float32Array(linear.rows * kept.length)
  for (let row = 0, i = 0; row < linear.rows; row++) {
    for (const column of kept) weights[i++] = from[row * linear.columns + column]!
  }
  return withWeights(graph, linear, weights, { rows: linear.rows, columns: kept.length })
}

/** @param weights [rows, columns] row by row */
export function withWeights(
  graph: Graph,
  linear: Linear,
  weights: Float32Array<ArrayBuffer>,
  { rows, columns }: { rows: number; columns: number },
): Graph {
  const tensor = linear.transposed
    ? floatTensor([columns, rows], transpose(weights, rows, columns))
    : floatTensor([rows, columns], weights)
  return withInitializers(graph, [[linear.weight, tensor]])
}

/** The graph with only these entries of a constant's last axis, its only long one. */
export function keepEntries(graph: Graph, name: string, kept: readonly number[]): Graph {
  const tensor = vectorOf(graph, name)
  const from = floatsOf(tensor)
  const dims = [...tensor.dims.slice(0, -1), kept.length]
  return withInitializers(graph, [
    [
      name,
      floatTensor(
        dims,
        Float32Array.from(kept, i => from[i]!),
      ),
    ],
  ])
}

/** @throws RangeError when the constant does not exist or has more than one long axis */
function vectorOf(graph: Graph, name: string): Tensor {
  const tensor = graph.initializers.get(name)
  if (tensor === undefined || elementCount(tensor.dims) !== tensor.dims.at(-1)) {
    throw new RangeError(`Expected ${name} to be a constant vector`)
  }
  return tensor
}

/** Indices of the highest scores, at least `least` of them, in ascending order. */
export function keepBest(scores: readonly number[], removed: number, least: number): number[] {
  const count = Math.max(least, scores.length - removed)
  return scores
    .map((score, i) => ({ score, i }))
    .sort((a, b) => b.score - a.score || a.i - b.i)
    .slice(0, count)
    .map(({ i }) => i)
    .sort((a, b) => a - b)
}
