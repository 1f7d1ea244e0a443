/** A recipe: how a variant is made from the fp32 model. It comes from a file (readRecipe.ts) or a variant's name (variants/parseVariant.ts). */

import { matchesGlob } from '../util/matchesGlob.ts'

export const STORAGES = ['fp32', 'fp16', 'int8', 'int4'] as const
export type Storage = (typeof STORAGES)[number]

export interface Recipe {
  /** The variant's name: letters, digits, `.`, `_`, `+` and `-`. */
  readonly name: string
  /** Structured pruning: fractions of attention heads and MLP neurons to remove, [0, 1); null: none. */
  readonly slim: { readonly heads: number; readonly neurons: number } | null
  /** Unstructured pruning: fraction of each linear layer's weights to set to zero, [0, 1). */
  readonly prune: number
  /** Element type of linear layers; kernels and tables are stored accordingly. */
  readonly store: Storage
  /** Exceptions for single layers; the first match wins. */
  readonly layers: readonly LayerRule[]
}

export interface LayerRule {
  /** A layer's name; `*` matches any text. */
  readonly match: string
  /** Null: as for all layers. */
  readonly store: Storage | null
  readonly prune: number | null
}

export const EXACT: Recipe = { name: 'fp32', slim: null, prune: 0, store: 'fp32', layers: [] }

/** Storage and pruning of one layer. */
export function choiceOf(recipe: Recipe, layer: string): { readonly store: Storage; readonly prune: number } {
  const rule = recipe.layers.find(({ match }) => matchesGlob(match, layer))
  return { store: rule?.store ?? recipe.store, prune: rule?.prune ?? recipe.prune }
}

/** The steps as text: ['slim: without 50 % of heads, 50 % of neurons', 'int8']. */
export function describeRecipe({ slim, prune, store, layers }: Recipe): string[] {
  const kept = layers.map(rule => {
    const wanted = [rule.store, rule.prune === null ? null : `pruned by ${percentOf(rule.prune)} %`]
    return `${rule.match}: ${wanted.filter(each => each !== null).join(', ')}`
  })
  return [
    ...(slim === null
      ? []
      : [`slim: without ${percentOf(slim.heads)} % of heads, ${percentOf(slim.neurons)} % of neurons`]),
    ...(prune === 0 ? [] : [`pruned: without the smallest ${percentOf(prune)} % of each layer's weights`]),
    store,
    ...kept,
  ]
}

/** 0.3 → '30', 0.125 → '12.5'. */
export function percentOf(share: number): string {
  return String(Number((share * 100).toFixed(2)))
}
