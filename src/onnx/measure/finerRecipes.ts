/** Recipes to try after a variant failed the quality gate: more and more sensitive layers are stored with higher precision. */

import type { LayerRule, Recipe } from '../recipe.ts'
import type { Sensitivity } from './sensitivity.ts'

/** Fractions of the layers, tried in this order; with more than a fifth it would be another variant. */
const SHARES = [0.05, 0.1, 0.2]

/** The recipes to try next, each with its most sensitive layers stored in int8 (of int4) or fp32 (of int8). */
export function finerRecipes(recipe: Recipe, sensitivities: readonly Sensitivity[]): Recipe[] {
  const store = recipe.store === 'int4' ? 'int8' : 'fp32'
  const counts = [...new Set(SHARES.map(share => Math.ceil(share * sensitivities.length)))]
  return counts.map(count => {
    const kept = sensitivities.slice(0, count).map(({ layer }): LayerRule => ({ match: layer, store, prune: null }))
    return { ...recipe, layers: [...recipe.layers, ...kept] }
  })
}
