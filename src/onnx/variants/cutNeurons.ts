/** Structured pruning of one multi-layer perceptron: removes the least important neurons. */

import type { Graph } from '../graph.ts'
import type { Mlp } from './findMlps.ts'
import { type Linear, weightsOf } from './linears.ts'
import type { Activations } from './moments.ts'
import { inputScores, pruneInputsWithReconstruction } from './pruneInputsWithReconstruction.ts'
import { keepBest, keepColumns, keepEntries } from './sliceLinear.ts'

/** Widths stay a multiple of this: vector instructions and MatMulNBits work in such groups. */
const GROUP = 16

/**
 * A neuron's importance is the fraction of the output that varies with it: the variance of its activation on real frames
 * times the squared norm of its outgoing weights. Without frames its incoming weights stand for the activation.
 * @param amount fraction of neurons to remove, [0, 1)
 */
export function cutNeurons(
  graph: Graph,
  { up, down, perNeuron }: Mlp,
  amount: number,
  activations: Activations | null,
): Graph {
  const moments = activations?.get(down.name) ?? null
  const outgoing = inputScores(graph, down, moments)
  const incoming = moments === null ? columnEnergies(graph, up) : null
  const scores = outgoing.map((score, i) => score * (incoming?.[i] ?? 1))
  const removed = Math.floor((amount * scores.length) / GROUP) * GROUP
  const kept = keepBest(scores, removed, 1)
  const narrowed = perNeuron.reduce((done, name) => keepEntries(done, name, kept), keepColumns(graph, up, kept))
  return pruneInputsWithReconstruction(narrowed, down, kept, moments)
}

function columnEnergies(graph: Graph, linear: Linear): Float64Array {
  const weights = weightsOf(graph, linear)
  const energies = new Float64Array(linear.columns)
  for (let i = 0; i < weights.length; i++) {
    const column = i % linear.columns
    energies[column]! += weights[i]! ** 2
  }
  return energies
}
