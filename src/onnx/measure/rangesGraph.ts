/** Measures the ranges of layer inputs on real frames: see `Ranges`. */

import { type Graph, type GraphNode, int, node } from '../graph.ts'
import { findLinears } from '../variants/linears.ts'
import type { Ranges } from '../variants/ranges.ts'
import type { Reduced } from './sessionRunnerProtocol.ts'

const MAX = 'watchword/max/'
/** Of the negated value: the runner keeps the largest value of each output. */
const MIN = 'watchword/min/'

/** The graph with two outputs per input of a linear layer: its largest and its negated smallest element. */
export function rangesGraph(graph: Graph): Graph {
  // Pixels are bytes already.
  const values = new Set(
    findLinears(graph).flatMap(({ bytes, node: layer }) => (bytes === null ? layer.inputs[0]! : [])),
  )
  const nodes = [...values].flatMap(nodesOf)
  const outputs = [...values].flatMap(value =>
    [MAX, MIN].map(prefix => ({ name: `${prefix}${value}`, dtype: 'float32' as const, dims: [] })),
  )
  return { ...graph, nodes: [...graph.nodes, ...nodes], outputs }
}

/** @param extremes of a run of `rangesGraph` */
export function rangesFrom(extremes: Reduced): Ranges {
  const entries = [...extremes].filter(([name]) => name.startsWith(MAX))
  return new Map(
    entries.map(([name, [max = 0]]) => {
      const value = name.slice(MAX.length)
      return [value, { min: -(extremes.get(`${MIN}${value}`)?.[0] ?? 0), max }]
    }),
  )
}

function nodesOf(value: string): GraphNode[] {
  const negated = `watchword/negated/${value}`
  const largest = (input: string, name: string) =>
    node({ op: 'ReduceMax', name, inputs: [input], outputs: [name], attributes: { keepdims: int(0) } })
  return [
    node({ op: 'Neg', name: negated, inputs: [value], outputs: [negated] }),
    largest(value, `${MAX}${value}`),
    largest(negated, `${MIN}${value}`),
  ]
}
