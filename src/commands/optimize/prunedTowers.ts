/** Counts the parameters that unstructured pruning removes from the whole model, both towers together. */

import { join } from 'node:path'
import type { Outcome } from '../../onnx/measure/variantBuilder.ts'
import { loadModel } from '../../onnx/onnxFile.ts'
import { pruned } from '../../onnx/variants/pruned.ts'
import { addStatistics, type Statistics, statisticsOf } from '../../onnx/variants/statistics.ts'

export interface Towers extends Statistics {
  readonly variant: string
}

/** The published count of CLIP includes the logit scale as one parameter. */
const LOGIT_SCALE: Statistics = { total: 1, nonZero: 1, removed: 0, sparsity: 0 }

/**
 * The text tower is pruned here only to count: its file stays exact, because texts are encoded only once.
 * @returns null unless one variant was made by unstructured pruning alone
 */
export async function prunedTowers(modelDir: string, outcomes: readonly Outcome[]): Promise<Towers | null> {
  const outcome = outcomes.find(({ recipe }) => recipe.prune > 0 && recipe.slim === null && recipe.store === 'fp32')
  if (outcome === undefined) return null
  const text = await loadModel(join(modelDir, 'text.onnx'))
  const { name, prune } = outcome.recipe
  const both = addStatistics(outcome.statistics, statisticsOf(pruned(text, { amount: prune })), LOGIT_SCALE)
  return { variant: name, ...both }
}
