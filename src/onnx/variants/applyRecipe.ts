/** Applies a recipe: fp32 graph → graph of the variant. */

import type { Graph } from '../graph.ts'
import { choiceOf, type Recipe } from '../recipe.ts'
import { fp16 } from './fp16.ts'
import { int4 } from './int4.ts'
import { int8 } from './int8.ts'
import { findLinears } from './linears.ts'
import { packRemaining } from './packRemaining.ts'
import { pruned } from './pruned.ts'
import type { Ranges } from './ranges.ts'
import { slim } from './slim.ts'
import { type Statistics, statisticsOf } from './statistics.ts'

export interface Made {
  readonly graph: Graph
  /** Counted before quantization: a quantized weight is still one parameter. */
  readonly statistics: Statistics
}

/**
 * Structured pruning here uses the weights alone. With real frames, call `slim` with their activations first.
 * @param ranges of the graph's values, for int8 layers; null: rows get their scales in the graph
 */
export function applyRecipe(graph: Graph, recipe: Recipe, ranges: Ranges | null = null): Made {
  const slimmed = recipe.slim === null ? graph : slim(graph, { ...recipe.slim, activations: null })
  const cut = prunedAs(slimmed, recipe)
  return { graph: stored(cut, recipe, ranges), statistics: statisticsOf(cut) }
}

function prunedAs(graph: Graph, recipe: Recipe): Graph {
  const amounts = new Set(findLinears(graph).map(({ name }) => choiceOf(recipe, name).prune))
  return [...amounts]
    .filter(amount => amount > 0)
    .reduce((done, amount) => pruned(done, { amount, layers: name => choiceOf(recipe, name).prune === amount }), graph)
}

function stored(graph: Graph, recipe: Recipe, ranges: Ranges | null): Graph {
  const layersAs = (store: string) => ({
    layers: (name: string) => choiceOf(recipe, name).store === store,
    rest: false,
  })
  const layers = fp16(int4(int8(graph, { ...layersAs('int8'), ranges }), layersAs('int4')), layersAs('fp16'))
  if (recipe.store === 'fp32') return layers
  return packRemaining(layers, recipe.store === 'fp16' ? 'float16' : 'int8')
}
