/** Counts the parameters of a graph, and how many of them are not zero. */

import type { Graph } from '../graph.ts'
import { elementCount, floatsOf } from '../tensor.ts'

export interface Statistics {
  readonly total: number
  readonly nonZero: number
  /** total − nonZero. */
  readonly removed: number
  /** removed / total: [0, 1]. */
  readonly sparsity: number
}

/** Only floating-point tensors with at least one axis count: shapes, axes and scalars are not parameters. */
export function statisticsOf(graph: Graph): Statistics {
  let total = 0
  let nonZero = 0
  for (const tensor of graph.initializers.values()) {
    if (!tensor.dtype.includes('float') || tensor.dims.length === 0) continue
    total += elementCount(tensor.dims)
    for (const value of floatsOf(tensor)) if (value !== 0) nonZero++
  }
  return asStatistics(total, nonZero)
}

/** Sum of the statistics of several graphs, such as both towers of a model. */
export function addStatistics(...parts: readonly Statistics[]): Statistics {
  const sum = (key: 'total' | 'nonZero') => parts.reduce((total, part) => total + part[key], 0)
  return asStatistics(sum('total'), sum('nonZero'))
}

function asStatistics(total: number, nonZero: number): Statistics {
  return { total, nonZero, removed: total - nonZero, sparsity: total === 0 ? 0 : (total - nonZero) / total }
}
