/** Builds one variant: applies the recipe, saves the file in a work folder, measures and judges it. */

import { join } from 'node:path'
import { visionFile } from '../../models/variantCard.ts'
import type { Graph } from '../graph.ts'
import { type SavedModel, saveModel } from '../onnxFile.ts'
import type { Recipe } from '../recipe.ts'
import { applyRecipe } from '../variants/applyRecipe.ts'
import type { Ranges } from '../variants/ranges.ts'
import type { Statistics } from '../variants/statistics.ts'
import type { Comparison, Reference } from './createReference.ts'
import { gateOf, judge, type Verdict } from './qualityGate.ts'
import type { SessionRunner } from './sessionRunner.ts'

export interface Attempt {
  readonly recipe: Recipe
  /** For int8 layers; default null: rows get their scales in the graph. */
  readonly ranges?: Ranges | null
  /** A repeated attempt: an early check on 8 frames may reject it without a full comparison. Default: false. */
  readonly isSecond?: boolean
}

export interface BuiltVariant {
  readonly recipe: Recipe
  /** Its int8 layers use ranges measured on frames. */
  readonly calibrated: boolean
  readonly statistics: Statistics
  readonly saved: SavedModel
  /** Null when there were no frames to compare and judge on. */
  readonly comparison: Comparison | null
  readonly verdict: Verdict | null
  /** Time to build and write it, without measuring. */
  readonly seconds: number
}

export interface BuildVariantDeps {
  readonly runner: SessionRunner
  readonly reference: Reference | null
  /** Directory for the variant's files. */
  readonly dir: string
}

/**
 * @param graph the fp32 model, with the structured pruning of the recipe already applied
 * @throws WatchwordError `disk-full`, `unwritable`, `session-failed`
 */
export async function buildVariant(
  graph: Graph,
  { recipe, ranges = null, isSecond = false }: Attempt,
  { runner, reference, dir }: BuildVariantDeps,
): Promise<BuiltVariant> {
  const started = performance.now()
  const made = applyRecipe(graph, { ...recipe, slim: null }, ranges)
  const path = join(dir, visionFile(recipe.name))
  const saved = await saveModel(made.graph, path)
  const seconds = (performance.now() - started) / 1000
  const unmeasured = { recipe, calibrated: ranges !== null, statistics: made.statistics, saved, seconds }
  if (reference === null) return { ...unmeasured, comparison: null, verdict: null }
  await runner.open(recipe.name, path)
  try {
    if (isSecond && !(await reference.mayReach(recipe.name, gateOf(recipe).cosineMin))) {
      return { ...unmeasured, comparison: null, verdict: { passed: false, misses: [] } }
    }
    const comparison = await reference.compare(recipe.name)
    return { ...unmeasured, comparison, verdict: judge(gateOf(recipe), comparison) }
  } finally {
    await runner.close(recipe.name)
  }
}
