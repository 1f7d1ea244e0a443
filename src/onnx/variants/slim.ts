/** Structured pruning: removes whole attention heads and MLP neurons, which makes the model smaller and faster. */

import { WatchwordError } from '../../util/errors.ts'
import type { Graph } from '../graph.ts'
import { cutHeads } from './cutHeads.ts'
import { cutNeurons } from './cutNeurons.ts'
import { countAttentions, findAttentions } from './findAttentions.ts'
import { findMlps } from './findMlps.ts'
import type { Activations } from './moments.ts'
import { checkAmount } from './pruned.ts'

export interface SlimOptions {
  /** Fraction of each layer's attention heads to remove, [0, 1); at least one is kept. */
  readonly heads: number
  /** Fraction of each MLP's neurons to remove, [0, 1). */
  readonly neurons: number
  /** Inputs of the layers behind the pruned ones on real frames; null: choose by weights alone, without reconstruction. */
  readonly activations: Activations | null
}

/**
 * With activations, the layer behind each pruned one is refitted by least squares: see `pruneInputsWithReconstruction`.
 * @throws WatchwordError `invalid-option`, `slim-unsupported`
 */
export function slim(graph: Graph, { heads, neurons, activations }: SlimOptions): Graph {
  const { mlps, attentions } = findCuts(graph, { heads, neurons })
  const narrowed = mlps.reduce((done, mlp) => cutNeurons(done, mlp, neurons, activations), graph)
  return attentions.reduce((done, attention) => cutHeads(done, attention, heads, activations), narrowed)
}

/** The parts that `slim` narrows. @throws as `slim` */
export function findCuts(graph: Graph, { heads, neurons }: Pick<SlimOptions, 'heads' | 'neurons'>) {
  checkAmount('share of heads', heads)
  checkAmount('share of neurons', neurons)
  const mlps = neurons === 0 ? [] : findMlps(graph)
  const attentions = heads === 0 ? [] : findAttentions(graph)
  refuseNothing(neurons > 0 && mlps.length === 0, 'multi-layer perceptrons')
  refuseNothing(heads > 0 && attentions.length === 0, 'attention heads')
  if (heads > 0) refuseSome(attentions.length, countAttentions(graph))
  return { mlps, attentions }
}

/** The layers whose input activations `slim` uses: those behind neurons and heads. */
export function layersBehindCuts(graph: Graph) {
  return [...findMlps(graph).map(mlp => mlp.down), ...findAttentions(graph).map(attention => attention.out)]
}

/** The variant's name and card would promise more than was removed. */
function refuseSome(found: number, all: number): void {
  if (found >= all) return
  throw new WatchwordError(`Expected ${all} attention layers that slim can prune, found ${found}`, {
    code: 'slim-unsupported',
    hint: 'Heads with rotary positions (PE-Core) stay whole: use int8, or a recipe that removes neurons only',
  })
}

function refuseNothing(nothing: boolean, what: string): void {
  if (!nothing) return
  throw new WatchwordError(`Found no ${what} in the graph that slim can prune`, {
    code: 'slim-unsupported',
    hint: 'Export the model from its checkpoint, or leave slim out',
  })
}
