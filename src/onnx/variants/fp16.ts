/** Half-precision storage: half the file size, computation in float32. */

import type { Graph } from '../graph.ts'
import type { Choose } from './linears.ts'
import { findLinears } from './linears.ts'
import { pack } from './packRemaining.ts'

export interface Fp16Options {
  /** Linear layers to store in half precision; the others stay as they are. */
  readonly layers?: Choose
  /** Also stores tensors outside of linear layers in half precision. Default: true. */
  readonly rest?: boolean
}

/**
 * CPUs multiply float32: a graph that computes in float16 is slower there, because ONNX Runtime converts around every
 * operator. So only the weights are halves, and `Cast` widens them once, at load.
 */
export function fp16(graph: Graph, options: Fp16Options = {}): Graph {
  const layers = new Map(findLinears(graph).map(linear => [linear.weight, linear.name]))
  return pack(graph, 'float16', weight => {
    const layer = layers.get(weight)
    if (layer === undefined) return options.rest ?? true
    return options.layers?.(layer) ?? true
  })
}
