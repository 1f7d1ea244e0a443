/** What pruning removes of the whole model, both towers together: the number that the original report gives. */

import { join } from 'node:path'
import type { Outcome } from '../../onnx/measure/variantBuilder.ts'
import { loadModel } from '../../onnx/onnxFile.ts'
import { pruned } from '../../onnx/variants/pruned.ts'
import { addStatistics, type Statistics, statisticsOf } from '../../onnx/variants/statistics.ts'

export interface Towers extends Statistics {
  readonly variant: string
}

/** CLIP's own count has the logit scale as one more parameter. */
const LOGIT_SCALE: Statistics = { total: 1, nonZero: 1, removed: 0, sparsity: 0 }

/**
 * Text files stay exact, because texts are encoded once and not per frame; here the text tower is pruned only to count.
 * Null when no variant was pruned and nothing else.
 */
export async function prunedTowers(modelDir: string, outcomes: readonly Outcome[]): Promise<Towers | null> {
  const outcome = outcomes.find(({ recipe }) => recipe.prune > 0 && recipe.slim === null && recipe.store === 'fp32')
  if (outcome === undefined) return null
  const text = await loadModel(join(modelDir, 'text.onnx'))
  const { name, prune } = outcome.recipe
  const both = addStatistics(outcome.statistics, statisticsOf(pruned(text, { amount: prune })), LOGIT_SCALE)
  return { variant: name, ...both }
}
