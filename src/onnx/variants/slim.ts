/** Structured pruning: whole attention heads and neurons leave, and the model gets narrower and faster. */

import { WatchwordError } from '../../util/errors.ts'
import type { Graph } from '../graph.ts'
import { cutHeads } from './cutHeads.ts'
import { cutNeurons } from './cutNeurons.ts'
import { findAttentions } from './findAttentions.ts'
import { findMlps } from './findMlps.ts'
import type { Activations } from './moments.ts'
import { checkAmount } from './pruned.ts'

export interface SlimOptions {
  /** Share of each layer's attention heads to take out, [0, 1); at least one stays. */
  readonly heads: number
  /** Share of each MLP's neurons to take out, [0, 1). */
  readonly neurons: number
  /** What the layers behind the cut compute on real frames; null: choose by weights alone, and mend nothing. */
  readonly activations: Activations | null
}

/**
 * With activations, the layer behind each cut is refitted by least squares to what it computed before from all of its
 * input: what leaves is replaced by the best guess from what stays.
 * @throws WatchwordError `amount-out-of-range`, `slim-unsupported`
 */
export function slim(graph: Graph, { heads, neurons, activations }: SlimOptions): Graph {
  checkAmount('share of heads', heads)
  checkAmount('share of neurons', neurons)
  const mlps = neurons === 0 ? [] : findMlps(graph)
  const attentions = heads === 0 ? [] : findAttentions(graph)
  refuseNothing(neurons > 0 && mlps.length === 0, 'multi-layer perceptrons')
  refuseNothing(heads > 0 && attentions.length === 0, 'attention heads')
  const narrowed = mlps.reduce((done, mlp) => cutNeurons(done, mlp, neurons, activations), graph)
  return attentions.reduce((done, attention) => cutHeads(done, attention, heads, activations), narrowed)
}

/** The layers whose input `slim` wants to know: those behind neurons and heads. */
export function layersBehindCuts(graph: Graph) {
  return [...findMlps(graph).map(mlp => mlp.down), ...findAttentions(graph).map(attention => attention.out)]
}

function refuseNothing(nothing: boolean, what: string): void {
  if (!nothing) return
  throw new WatchwordError(`Found no ${what} in the graph that slim knows how to cut`, {
    code: 'slim-unsupported',
    hint: 'Export the model from its checkpoint, or leave slim out',
  })
}
