/** Makes variants of one model and judges them on real frames; what does not pass leaves no file behind. */

import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readModelCard } from '../../models/modelCard.ts'
import { readVariantCard, type VariantCard, visionFile, writeVariantCard } from '../../models/variantCard.ts'
import type { ScoringTexts } from '../../types.ts'
import { WatchwordError } from '../../util/errors.ts'
import { matchesGlob } from '../../util/matchesGlob.ts'
import { isThere } from '../../util/readFile.ts'
import { makeWorkFolder } from '../../util/workFolder.ts'
import type { Graph } from '../graph.ts'
import { loadModel } from '../onnxFile.ts'
import { choiceOf, describeRecipe, type Recipe } from '../recipe.ts'
import { applyRecipe } from '../variants/applyRecipe.ts'
import { findLinears } from '../variants/linears.ts'
import type { Activations } from '../variants/moments.ts'
import { slim } from '../variants/slim.ts'
import { type BuiltVariant, buildVariant } from './buildVariant.ts'
import { createReference, type Reference } from './createReference.ts'
import { finerRecipes } from './finerRecipes.ts'
import { probeActivations, probeSensitivity } from './probeLayers.ts'
import { readCpu } from './readCpu.ts'
import { type SessionRunner, startSessionRunner } from './sessionRunner.ts'

export interface VariantBuilderOptions {
  /** Holds vision.fp32.onnx; variants are written there. */
  readonly modelDir: string
  /** Frames [size, size, 3] uint8 RGB to measure on; none: variants are made unmeasured. */
  readonly pictures: readonly Uint8Array[]
  /** The events whose decisions are compared, with fp32's calibration; null: only embeddings are. */
  readonly texts: ScoringTexts | null
  /** 'watchword 0.1.0' */
  readonly createdBy: string
  /** Told what is being done, as a sentence. */
  readonly onStep?: (step: string) => void
}

export interface Outcome extends BuiltVariant {
  /** Null: the variant was refused and nothing was written. */
  readonly card: VariantCard | null
}

export interface VariantBuilder {
  /** Size of the exact model's file. */
  readonly exactBytes: number
  /**
   * A quantized variant that misses the gate is tried again with its most sensitive layers kept finer.
   * @param force writes the variant whatever the gate says
   * @throws WatchwordError `disk-full`, `unwritable`, `slim-unsupported`, `recipe-invalid` for a rule that fits no layer
   */
  make(recipe: Recipe, force?: boolean): Promise<Outcome>
  /** Stops the worker and removes what is half done. */
  close(): Promise<void>
}

const EXACT = 'fp32'

/** @throws WatchwordError `model-missing`, `unwritable`, and those of reading a model */
export async function openVariantBuilder(options: VariantBuilderOptions): Promise<VariantBuilder> {
  const { modelDir, pictures } = options
  const card = await readModelCard(modelDir)
  const exactCard = await readVariantCard(modelDir, EXACT)
  const path = join(modelDir, exactCard.file)
  const folder = await makeWorkFolder(modelDir, '.making-')
  const runner = startSessionRunner({ format: card })
  const close = async () => {
    await runner.stop()
    await folder.remove()
  }
  try {
    const graph = await loadModel(path)
    const reference = pictures.length === 0 ? null : await openReference(runner, path, { ...options, exactCard })
    const bench: Bench = {
      ...options,
      graph,
      exactCard,
      runner,
      reference,
      dir: folder.path,
      activations: null,
      slimmed: null,
    }
    return { exactBytes: exactCard.bytes, make: (recipe, force = false) => make(bench, recipe, force), close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Bench extends VariantBuilderOptions {
  readonly graph: Graph
  readonly exactCard: VariantCard
  readonly runner: SessionRunner
  readonly reference: Reference | null
  /** Inside the model's directory, so that finished files only need a new name. */
  readonly dir: string
  /** Filled when the first slim variant asks for it. */
  activations: Activations | null
  /** The last one: `slim` and `slim+int8`, and its further tries, are cut alike. */
  slimmed: Slimmed | null
}

interface Slimmed {
  readonly key: string
  readonly graph: Graph
  /** Time that it took. */
  readonly seconds: number
}

async function make(bench: Bench, recipe: Recipe, force: boolean): Promise<Outcome> {
  const { onStep = () => {} } = bench
  onStep(`Making ${recipe.name}`)
  const { graph, seconds } = await slimmedOf(bench, recipe)
  refuseIdleRules(graph, recipe)
  let best = await buildVariant(graph, { recipe }, bench)
  const finer = isRefused(best) ? await finerOf(bench, recipe, graph) : []
  for (const next of finer) {
    const tried = await buildVariant(graph, { recipe: next, isSecond: true }, bench)
    if (isRefused(tried)) continue
    best = tried
    break
  }
  if (isRefused(best) && !force) await removeFiles(bench.dir, recipe.name)
  // Forced, what was asked for is what is written: further tries have taken its place.
  else if (isRefused(best) && finer.length > 0) best = await buildVariant(graph, { recipe }, bench)
  const card = isRefused(best) && !force ? null : await keep(bench, best)
  return { ...best, seconds: best.seconds + seconds, card }
}

function refuseIdleRules(graph: Graph, { name, layers }: Recipe): void {
  const known = findLinears(graph).map(linear => linear.name)
  const idle = layers.filter(rule => !known.some(layer => matchesGlob(rule.match, layer)))
  if (idle.length === 0) return
  throw new WatchwordError(
    `Expected each rule of ${name} to fit a layer, ${idle.map(({ match }) => match).join(', ')} fits none`,
    {
      code: 'recipe-invalid',
      hint: `Layers are called ${known.slice(0, 3).join(', ')}, … ${known.at(-1)}`,
    },
  )
}

function isRefused({ verdict }: BuiltVariant): boolean {
  return verdict?.passed === false
}

async function slimmedOf(bench: Bench, recipe: Recipe): Promise<Slimmed> {
  const key = JSON.stringify(recipe.slim)
  if (recipe.slim === null) return { key, graph: bench.graph, seconds: 0 }
  if (bench.slimmed?.key === key) return bench.slimmed
  const activations = await activationsOf(bench)
  const started = performance.now()
  const graph = slim(bench.graph, { ...recipe.slim, activations })
  bench.slimmed = { key, graph, seconds: (performance.now() - started) / 1000 }
  return bench.slimmed
}

async function activationsOf(bench: Bench): Promise<Activations | null> {
  if (bench.reference === null) return null
  bench.activations ??= await probeActivations(bench.graph, { ...bench, pictures: bench.reference.fitting })
  return bench.activations
}

/** Sensitivity is measured after heads, neurons and weights have left. */
async function finerOf(bench: Bench, recipe: Recipe, graph: Graph): Promise<Recipe[]> {
  const { store, reference, onStep = () => {} } = { ...recipe, ...bench }
  if (reference === null || (store !== 'int8' && store !== 'int4')) return []
  onStep(`Looking for the sensitive layers of ${recipe.name}`)
  const cut = applyRecipe(graph, { ...recipe, slim: null, store: 'fp32', layers: [] }).graph
  const sensitivities = await probeSensitivity(cut, store, { ...bench, pictures: reference.fitting })
  const own = sensitivities.filter(({ layer }) => choiceOf(recipe, layer).store === store)
  return finerRecipes(recipe, own)
}

/** Puts the finished files in place: data, graph, card, so that a card never stands without its model. */
async function keep(bench: Bench, { recipe, statistics, saved, comparison }: BuiltVariant): Promise<VariantCard> {
  const { modelDir, exactCard, dir, createdBy } = bench
  const file = visionFile(recipe.name)
  const card: VariantCard = {
    variant: recipe.name,
    recipe: describeRecipe(recipe),
    file,
    ...saved,
    sourceSha256: exactCard.sourceSha256,
    parameters: { total: statistics.total, nonZero: statistics.nonZero },
    sparsity: statistics.sparsity,
    cosine: comparison?.cosine ?? null,
    agreement: comparison?.agreement?.share ?? null,
    calibration: comparison?.calibration ?? exactCard.calibration,
    cpu: readCpu(),
    createdBy,
  }
  await removeFiles(modelDir, recipe.name)
  for (const part of [`${file}.data`, file]) {
    if (isThere(join(dir, part))) await rename(join(dir, part), join(modelDir, part))
  }
  await writeVariantCard(modelDir, card)
  return card
}

/** The variant's files and card; those that are not there are no mistake. */
async function removeFiles(dir: string, variant: string): Promise<void> {
  const file = visionFile(variant)
  for (const part of [`${variant}.json`, file, `${file}.data`]) await rm(join(dir, part), { force: true })
}

async function openReference(
  runner: SessionRunner,
  path: string,
  { pictures, texts, exactCard }: VariantBuilderOptions & { readonly exactCard: VariantCard },
): Promise<Reference> {
  await runner.open(EXACT, path)
  const reference = await createReference(runner, {
    variant: EXACT,
    pictures,
    texts,
    calibration: exactCard.calibration,
  })
  // Its embeddings are known now; its memory is needed for others.
  await runner.close(EXACT)
  return reference
}
