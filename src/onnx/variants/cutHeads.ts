/** Structured pruning of one attention layer: removes the least important heads. */

import { type Graph, int, mapNodes, withInitializers } from '../graph.ts'
import { int64Tensor } from '../tensor.ts'
import { type Attention, integersIn } from './findAttentions.ts'
import type { Linear } from './linears.ts'
import type { Activations } from './moments.ts'
import { inputScores, pruneInputsWithReconstruction } from './pruneInputsWithReconstruction.ts'
import { keepBest, keepColumns, keepEntries } from './sliceLinear.ts'

/**
 * A head's importance is how much of the layer's output varies with it, measured on real frames where there are some.
 * @param amount fraction of heads to remove, [0, 1); at least one head stays
 */
export function cutHeads(graph: Graph, attention: Attention, amount: number, activations: Activations | null): Graph {
  const { heads, size, out, parts } = attention
  const moments = activations?.get(out.name) ?? null
  const inputs = inputScores(graph, out, moments)
  const scores = Array.from({ length: heads }, (_, head) =>
    inputs.slice(head * size, (head + 1) * size).reduce((sum, score) => sum + score, 0),
  )
  const kept = keepBest(scores, Math.floor(amount * heads), 1)
  if (kept.length === heads) return graph
  const inner = kept.flatMap(head => Array.from({ length: size }, (_, i) => head * size + i))
  const narrowed = [...columnsByLinear(parts, inner)].reduce(
    (done, [linear, columns]) => keepColumns(done, linear, columns),
    graph,
  )
  const unbiased = parts.reduce((done, { bias }) => (bias === null ? done : keepEntries(done, bias, inner)), narrowed)
  return pruneInputsWithReconstruction(recount(unbiased, attention, kept.length, inner), out, inner, moments)
}

/** Which columns stay of each product; a packed one loses the same heads in each of its parts. */
function columnsByLinear(parts: Attention['parts'], inner: readonly number[]): Map<Linear, number[]> {
  const columns = new Map<Linear, number[]>()
  for (const { linear, start } of parts) {
    columns.set(
      linear,
      [...(columns.get(linear) ?? []), ...inner.map(i => start + i)].sort((a, b) => a - b),
    )
  }
  return columns
}

/** Updates the number of heads in the operators. */
function recount(graph: Graph, { core, size, heads }: Attention, kept: number, inner: readonly number[]): Graph {
  if ('fused' in core) {
    const { fused, bias } = core
    const width = heads * size
    const packed = [0, 1, 2].flatMap(part => inner.map(i => part * width + i))
    const cut = bias === null ? graph : keepEntries(graph, bias, packed)
    const attributes = { ...fused.attributes, num_heads: int(kept) }
    return mapNodes(cut, node => (node === fused ? { ...node, attributes } : node))
  }
  const shapeName = (name: string) => `${name}/slim_shape`
  const shapes = core.reshapes.map(({ name, outputs, inputs }) => {
    const shape = (integersIn(graph, inputs[1]) ?? []).slice()
    // Into heads: […, heads, size]; back: […, heads · size].
    const intoHeads = shape.at(-1) === size && shape.at(-2) === heads
    const changed = intoHeads ? [...shape.slice(0, -2), kept, size] : [...shape.slice(0, -1), kept * size]
    return [shapeName(name || outputs[0]!), int64Tensor([changed.length], changed)] as const
  })
  return mapNodes(withInitializers(graph, shapes), node =>
    core.reshapes.includes(node)
      ? { ...node, inputs: [node.inputs[0]!, shapeName(node.name || node.outputs[0]!)] }
      : node,
  )
}
