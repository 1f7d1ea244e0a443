/** Makes variants of a model, measures each on real frames and rejects those that change the events. */

import { type ModelCard, readModelCard } from '../../models/modelCard.ts'
import { type Cpu, readCpu } from '../../onnx/measure/readCpu.ts'
import { type Outcome, openVariantBuilder } from '../../onnx/measure/variantBuilder.ts'
import { readRecipe } from '../../onnx/readRecipe.ts'
import type { Recipe } from '../../onnx/recipe.ts'
import { parseVariant } from '../../onnx/variants/parseVariant.ts'
import { checkAmount } from '../../onnx/variants/pruned.ts'
import { packageVersion } from '../packageVersion.ts'
import { makeWritable } from '../writeFiles.ts'
import { calibrationFrames } from './calibrationFrames.ts'
import { judgeSize, type SizeOutcome } from './judgeSize.ts'
import type { OptimizeDeps, OptimizeOptions } from './optimizeOptions.ts'
import { prepareOutputDir } from './prepareOutputDir.ts'
import { prunedTowers, type Towers } from './prunedTowers.ts'

export interface Optimized {
  readonly model: string
  readonly outputDir: string
  /** Number of frames that were used for measuring; 0: nothing was measured. */
  readonly frames: number
  /** Size of vision.fp32.onnx, for comparison. */
  readonly exactBytes: number
  readonly outcomes: readonly Outcome[]
  /** The comparison with the model's own image size; null without `imageSize` or frames. */
  readonly size: SizeOutcome | null
  /** The machine that measured. */
  readonly cpu: Cpu
  /** Parameters that unstructured pruning removes from both towers; null when no such variant was made. */
  readonly towers: Towers | null
}

/** @throws WatchwordError for wrong options, models, videos and folders; see docs/errors.md */
export async function optimizeModel(options: OptimizeOptions, deps: OptimizeDeps): Promise<Optimized> {
  const recipes = await recipesOf(options)
  await makeWritable(options.outputDir)
  const { card, frames, size } = await prepare(options, deps)
  const texts = frames.length === 0 ? null : await deps.readTexts(options.outputDir, options.events)
  const createdBy = `watchword ${packageVersion()}`
  const { onStep, onProgress } = deps
  const builder = await openVariantBuilder({ modelDir: options.outputDir, pictures: frames, texts, createdBy, onStep })
  const outcomes: Outcome[] = []
  try {
    for (const recipe of recipes) {
      outcomes.push(await builder.build(recipe, options.force))
      onProgress(outcomes.length / recipes.length)
    }
  } finally {
    await builder.close()
  }
  return {
    model: card.name,
    outputDir: options.outputDir,
    frames: frames.length,
    exactBytes: builder.exactBytes,
    outcomes,
    size,
    cpu: readCpu(builder.int8Kernel),
    towers: await prunedTowers(options.outputDir, outcomes),
  }
}

interface Prepared {
  readonly card: ModelCard
  readonly frames: readonly Uint8Array[]
  readonly size: SizeOutcome | null
}

/** Puts the fp32 model into the output folder. A model for another image size is judged before. */
async function prepare(options: OptimizeOptions, deps: OptimizeDeps): Promise<Prepared> {
  const { model: wanted, outputDir, plain = false, imageSize } = options
  const isOwn = plain || imageSize !== undefined
  const own = isOwn ? await deps.exportOwn(wanted, { plain, imageSize }, outputDir) : null
  try {
    const model = own ?? (await deps.findModel(wanted))
    const card = await readModelCard(model.dir)
    const frames = await calibrationFrames(options, deps, { name: model.name, size: card.imageSize })
    const isJudged = imageSize !== undefined && frames.length > 0
    const size = isJudged ? await judgeSize(options, { dir: model.dir, frames }, deps) : null
    await prepareOutputDir(model.dir, outputDir)
    return { card, frames, size }
  } finally {
    await own?.remove()
  }
}

async function recipesOf({ variants, pruneAmount, slimAmount, recipe }: OptimizeOptions): Promise<Recipe[]> {
  checkAmount('prune amount', pruneAmount)
  checkAmount('slim amount', slimAmount)
  const fractions = { prune: pruneAmount, slim: slimAmount }
  const named = variants.map(name => parseVariant(name, fractions)).filter(({ name }) => name !== 'fp32')
  const all = recipe === undefined ? named : [...named, await readRecipe(recipe)]
  return [...new Map(all.map(each => [each.name, each])).values()]
}
