/** `watchword optimize`: smaller and faster variants of a model, each measured on real frames and refused when it breaks events. */

import type { Command, Option } from 'commander'
import { readModelCard } from '../models/modelCard.ts'
import { resolveModel } from '../models/resolveModel.ts'
import { type Outcome, openVariantBuilder } from '../onnx/measure/variantBuilder.ts'
import type { Recipe } from '../onnx/recipe.ts'
import { readRecipe } from '../onnx/recipeFile.ts'
import { parseVariant } from '../onnx/variants/parseVariant.ts'
import { checkAmount } from '../onnx/variants/pruned.ts'
import type { ScoringTexts } from '../types.ts'
import { dataDirectory } from '../util/dataDirectory.ts'
import { count, eventsOption, listOption, names, share } from './arguments.ts'
import { clipModelBuilder } from './clipModelBuilder.ts'
import { demoPictures } from './demoPictures.ts'
import { exitOnSignals } from './exitOnSignals.ts'
import { picturesOf, textsOf } from './modelFrames.ts'
import { exportPlain } from './optimize/exportPlain.ts'
import { prepareOutputDir } from './optimize/prepareOutputDir.ts'
import { optimizeJson, optimizeText } from './optimize/printOptimized.ts'
import { prunedTowers, type Towers } from './optimize/prunedTowers.ts'
import { createProgress } from './progress.ts'
import { packageVersion } from './version.ts'
import { makeWritable } from './writeFiles.ts'

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

/** What is made when nobody says what. */
const VARIANTS: readonly string[] = ['fp16', 'int8', 'int4', 'pruned', 'slim', 'slim+int8']

const EXAMPLES = `
Examples:
  $ watchword optimize --output-dir ./optimized_models --prune-amount 0.3
  $ watchword optimize --output-dir lean --model clip-vit-base-patch32 --calibrate street.mp4
  $ watchword optimize --output-dir lean --variants int8,slim-25+int8
  $ watchword optimize --output-dir textbook --plain --variants fp16
  $ watchword optimize --output-dir lean --recipe mixed.yaml --variants int8

A variant that breaks the events is refused and leaves no file behind; --force keeps it.`

export function register(program: Command): void {
  program
    .command('optimize')
    .description('make smaller and faster variants of a model, measured and gated')
    .requiredOption('--output-dir <dir>', 'becomes a whole model directory')
    .option('--model <name>', 'demo, a pulled model, or a folder', 'demo')
    .addOption(variantsOption())
    .option('--prune-amount <share>', 'what `pruned` removes of every linear layer', share, 0.3)
    .option('--slim-amount <share>', 'what `slim` takes out of heads and neurons', share, 0.5)
    .option('--calibrate <video>', 'measure, fit and judge on these frames')
    .option('--num-frames <n>', 'take so many of them', count, 128)
    .option('--recipe <file>', 'one more variant, layer by layer: see docs/models.md')
    .addOption(eventsOption('whose decisions must stay the same'))
    .option('--plain', 'textbook graphs, for other runtimes than onnxruntime; slower')
    .option('--force', 'keep variants that the gate refuses')
    .option('--json', 'print JSON instead of a table')
    .addHelpText('after', EXAMPLES)
    .action(async (options: OptimizeOptions, command: Command) => {
      exitOnSignals()
      const deps = optimizeDeps(options.json === true)
      const done = await optimize(options, deps)
      deps.finish()
      process.stdout.write(options.json ? optimizeJson(done) : optimizeText(done))
      // Refusing a variant of our own choice is news; refusing one that was asked for is a failure.
      const asked = command.getOptionValueSource('variants') === 'cli' || options.recipe !== undefined
      if (asked && done.outcomes.some(outcome => outcome.card === null)) process.exitCode = 1
    })
}

/** `full` makes the same ones. */
export function variantsOption(): Option {
  const description = 'separated by commas; joined by + to combine'
  return listOption('--variants <names>', description, { read: names, defaults: VARIANTS })
}

/** @throws WatchwordError for wrong options, models, videos and folders; see docs/errors.md */
export async function optimize(options: OptimizeOptions, deps: OptimizeDeps): Promise<Optimized> {
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

/** The real ones: steps and a bar go to stderr, so that stdout is only the result. */
export function optimizeDeps(quiet: boolean): OptimizeDeps & { readonly finish: () => void } {
  const progress = createProgress('optimizing', 1)
  const onStep = (step: string) => {
    progress.done()
    if (!quiet || process.stderr.isTTY) process.stderr.write(`${step}\n`)
  }
  return {
    findModel: name =>
      resolveModel(name, { variant: 'fp32', dataDir: dataDirectory(), modelBuilder: clipModelBuilder, onStep }),
    exportPlain: (name, outputDir) => exportPlain(name, { outputDir, dataDir: dataDirectory() }),
    readPictures: picturesOf,
    drawPictures: demoPictures,
    readTexts: textsOf,
    onStep,
    onProgress: progress.at,
    finish: progress.done,
  }
}
