/** Unstructured pruning: the smallest weights of each linear layer become zero; the file keeps its size. */

import { WatchwordError } from '../../util/errors.ts'
import { type Graph, mapInitializers } from '../graph.ts'
import { zeroSmallest } from '../quantize/zeroSmallest.ts'
import { floatsOf, lazyTensor } from '../tensor.ts'
import { type Choose, everyLayer, findLinears } from './linears.ts'

export interface PrunedOptions {
  /** Fraction of each layer's weights to set to zero, [0, 1). */
  readonly amount: number
  readonly layers?: Choose
}

/**
 * The patch embedding is left out: it counts as a convolution, not as a linear layer.
 * Zeros take as long to multiply as other numbers on a dense runtime: this makes nothing faster, unlike structured pruning (`slim`).
 * @throws WatchwordError `invalid-option`
 */
export function pruned(graph: Graph, options: PrunedOptions): Graph {
  const { amount, layers = everyLayer } = options
  checkAmount('prune amount', amount)
  const weights = new Set(
    findLinears(graph).flatMap(linear => (linear.bytes === null && layers(linear.name) ? linear.weight : [])),
  )
  return mapInitializers(graph, (tensor, name) =>
    weights.has(name)
      ? lazyTensor('float32', tensor.dims, () => zeroSmallest(floatsOf(tensor), amount).values)
      : tensor,
  )
}

/** @throws WatchwordError `invalid-option` */
export function checkAmount(what: string, amount: number): void {
  if (amount >= 0 && amount < 1) return
  throw new WatchwordError(`Expected the ${what} to be at least 0 and below 1, got ${amount}`, {
    code: 'invalid-option',
    hint: 'Give a fraction such as 0.3 for 30 %',
  })
}
