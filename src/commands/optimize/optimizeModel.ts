/** Makes variants of a model, measures each on real frames and rejects those that change the events. */

import { readModelCard } from '../../models/modelCard.ts'
import { type Outcome, openVariantBuilder } from '../../onnx/measure/variantBuilder.ts'
import type { Recipe } from '../../onnx/recipe.ts'
import { readRecipe } from '../../onnx/recipeFile.ts'
import { parseVariant } from '../../onnx/variants/parseVariant.ts'
import { checkAmount } from '../../onnx/variants/pruned.ts'
import type { ScoringTexts } from '../../types.ts'
import { packageVersion } from '../version.ts'
import { makeWritable } from '../writeFiles.ts'
import { prepareOutputDir } from './prepareOutputDir.ts'
import { prunedTowers, type Towers } from './prunedTowers.ts'

export interface OptimizeOptions {
  readonly outputDir: string
  /** Name or folder. */
  readonly model: string
  readonly variants: readonly string[]
  /** What a bare `pruned` removes, [0, 1). */
  readonly pruneAmount: number
  /** What a bare `slim` takes out of heads and neurons, [0, 1). */
  readonly slimAmount: number
  /** A video to measure on; without one the demo model uses its own world, other models are not measured. */
  readonly calibrate?: string
  /** Frames to take from it. */
  readonly numFrames: number
  readonly recipe?: string
  /** Whose decisions are compared; names in the prompt library, or own words. */
  readonly events: readonly string[]
  readonly force?: boolean
  /** Textbook graphs instead of fused ones. */
  readonly plain?: boolean
  readonly json?: boolean
}

export interface OptimizeDeps {
  /** The model's directory, fp32 in it. */
  readonly findModel: (nameOrDir: string) => Promise<{ readonly dir: string; readonly name: string }>
  /** Exports the model's checkpoint as textbook graphs into the folder. */
  readonly exportPlain: (
    nameOrDir: string,
    outputDir: string,
  ) => Promise<{ readonly dir: string; readonly name: string }>
  readonly readPictures: (video: string, options: { size: number; count: number }) => Promise<Uint8Array[]>
  /** For the bundled model, whose world can be drawn. */
  readonly drawPictures: (size: number) => Promise<Uint8Array[]>
  readonly readTexts: (modelDir: string, events: readonly string[]) => Promise<ScoringTexts>
  readonly onStep: (step: string) => void
  /** Share of the variants that are made, [0, 1]. */
  readonly onProgress: (share: number) => void
}

export interface Optimized {
  readonly model: string
  readonly outputDir: string
  /** Frames that were measured on; 0: nothing was measured. */
  readonly frames: number
  /** Size of vision.fp32.onnx, to compare with. */
  readonly exactBytes: number
  readonly outcomes: readonly Outcome[]
  /** What pruning removes of both towers, as the report counts; null when nothing was pruned. */
  readonly towers: Towers | null
}

/** @throws WatchwordError for wrong options, models, videos and folders; see docs/errors.md */
export async function optimizeModel(options: OptimizeOptions, deps: OptimizeDeps): Promise<Optimized> {
  const recipes = await recipesOf(options)
  await makeWritable(options.outputDir)
  const { model: wanted, outputDir, plain = false } = options
  const model = plain ? await deps.exportPlain(wanted, outputDir) : await deps.findModel(wanted)
  const card = await readModelCard(model.dir)
  const pictures = await picturesFor(options, deps, { name: model.name, size: card.imageSize })
  await prepareOutputDir(model.dir, options.outputDir)
  const texts = pictures.length === 0 ? null : await deps.readTexts(options.outputDir, options.events)
  const createdBy = `watchword ${packageVersion()}`
  const { onStep, onProgress } = deps
  const bench = await openVariantBuilder({ modelDir: options.outputDir, pictures, texts, createdBy, onStep })
  const outcomes: Outcome[] = []
  try {
    for (const recipe of recipes) {
      outcomes.push(await bench.make(recipe, options.force))
      onProgress(outcomes.length / recipes.length)
    }
  } finally {
    await bench.close()
  }
  return {
    model: card.name,
    outputDir: options.outputDir,
    frames: pictures.length,
    exactBytes: bench.exactBytes,
    outcomes,
    towers: await prunedTowers(options.outputDir, outcomes),
  }
}

async function recipesOf({ variants, pruneAmount, slimAmount, recipe }: OptimizeOptions): Promise<Recipe[]> {
  checkAmount('prune amount', pruneAmount)
  checkAmount('slim amount', slimAmount)
  const shares = { prune: pruneAmount, slim: slimAmount }
  const named = variants.map(name => parseVariant(name, shares)).filter(({ name }) => name !== 'fp32')
  const all = recipe === undefined ? named : [...named, await readRecipe(recipe)]
  return [...new Map(all.map(each => [each.name, each])).values()]
}

async function picturesFor(
  { calibrate, numFrames }: OptimizeOptions,
  deps: OptimizeDeps,
  { name, size }: { name: string; size: number },
): Promise<Uint8Array[]> {
  if (calibrate !== undefined) return deps.readPictures(calibrate, { size, count: numFrames })
  return name === 'demo' ? deps.drawPictures(size) : []
}
