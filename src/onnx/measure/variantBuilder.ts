/** Builds variants of one model and judges them on real frames. Rejected variants leave no files behind. */

import { join } from 'node:path'
import { readModelCard } from '../../models/modelCard.ts'
import { readVariantCard, type VariantCard } from '../../models/variantCard.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'
import { WatchwordError } from '../../util/errors.ts'
import { matchesGlob } from '../../util/matchesGlob.ts'
import { makeWorkFolder } from '../../util/workFolder.ts'
import type { Graph } from '../graph.ts'
import { loadModel } from '../onnxFile.ts'
import { choiceOf, type Recipe } from '../recipe.ts'
import type { Int8Kernel } from '../session/sessionOptions.ts'
import { applyRecipe } from '../variants/applyRecipe.ts'
import { findLinears } from '../variants/linears.ts'
import type { Activations } from '../variants/moments.ts'
import { findCuts, slim } from '../variants/slim.ts'
import { type BuiltVariant, buildVariant } from './buildVariant.ts'
import { createReference, type Reference } from './createReference.ts'
import { finerRecipes } from './finerRecipes.ts'
import { keepVariant, removeVariant } from './keepVariant.ts'
import { probeActivations, probeRanges, probeSensitivity } from './probeLayers.ts'
import { type SessionRunner, startSessionRunner } from './sessionRunner.ts'

export interface VariantBuilderOptions {
  /** Contains vision.fp32.onnx; variants are written here. */
  readonly modelDir: string
  /** Frames [size, size, 3] uint8 RGB to measure on; without any, variants are not measured. */
  readonly pictures: readonly Uint8Array[]
  /** The events whose decisions are compared, with fp32's calibration; null: only embeddings are compared. */
  readonly texts: ScoringTexts | null
  /** 'watchword 0.1.0' */
  readonly createdBy: string
  /** Called with a sentence before each step. */
  readonly onStep?: (step: string) => void
}

export interface Outcome extends BuiltVariant {
  /** Null: the variant was rejected and nothing was written. */
  readonly card: VariantCard | null
}

export interface VariantBuilder {
  /** Size of the fp32 model's file. */
  readonly exactBytes: number
  /** How int8 layers are multiplied here; null without frames, when nothing is measured. */
  readonly int8Kernel: Int8Kernel | null
  /**
   * A quantized variant that fails the quality gate is built again with higher precision for its most sensitive layers.
   * @param force writes the variant even when it fails the gate
   * @throws WatchwordError `disk-full`, `unwritable`, `slim-unsupported`, `recipe-invalid` for a rule that matches no layer
   */
  build(recipe: Recipe, force?: boolean): Promise<Outcome>
  /** Stops the worker and removes temporary files. */
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
    const measuring = pictures.length === 0 ? null : await openReference(runner, path, { ...options, exactCard })
    const state: BuilderState = {
      ...options,
      graph,
      exactCard,
      runner,
      reference: measuring?.reference ?? null,
      int8Kernel: measuring?.int8Kernel ?? null,
      dir: folder.path,
      activations: null,
      slimmed: null,
    }
    const { int8Kernel } = state
    return {
      exactBytes: exactCard.bytes,
      int8Kernel,
      build: (recipe, force = false) => build(state, recipe, force),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

interface BuilderState extends VariantBuilderOptions {
  readonly graph: Graph
  readonly exactCard: VariantCard
  readonly runner: SessionRunner
  readonly reference: Reference | null
  readonly int8Kernel: Int8Kernel | null
  /** Work folder inside the model's directory, so that finished files only need to be renamed. */
  readonly dir: string
  /** Measured for the first variant with structured pruning. */
  activations: Activations | null
  /** The last pruned graph: `slim`, `slim+int8` and repeated attempts share it. */
  slimmed: Slimmed | null
}

interface Slimmed {
  readonly key: string
  readonly graph: Graph
  /** Time to prune it. */
  readonly seconds: number
}

async function build(state: BuilderState, recipe: Recipe, force: boolean): Promise<Outcome> {
  const { onStep = () => {} } = state
  onStep(`Making ${recipe.name}`)
  const { graph, seconds } = await slimmedOf(state, recipe)
  requireMatchingRules(graph, recipe)
  let best = await calibratedOf(state, recipe, graph)
  if (best === null || isRefused(best)) best = await buildVariant(graph, { recipe }, state)
  const finer = isRefused(best) ? await finerOf(state, recipe, graph) : []
  for (const next of finer) {
    const tried = await buildVariant(graph, { recipe: next, isSecond: true }, state)
    if (isRefused(tried)) continue
    best = tried
    break
  }
  if (isRefused(best) && !force) await removeVariant(state.dir, recipe.name)
  // With force, the variant of the original recipe is written: a repeated attempt has overwritten it.
  else if (isRefused(best) && finer.length > 0) best = await buildVariant(graph, { recipe }, state)
  const card = isRefused(best) && !force ? null : await keepVariant(best, state)
  return { ...best, seconds: best.seconds + seconds, card }
}

function requireMatchingRules(graph: Graph, { name, layers }: Recipe): void {
  const known = findLinears(graph).map(linear => linear.name)
  const idle = layers.filter(rule => !known.some(layer => matchesGlob(rule.match, layer)))
  if (idle.length === 0) return
  throw new WatchwordError(
    `Expected each rule of ${name} to match a layer, ${idle.map(({ match }) => match).join(', ')} matches none`,
    {
      code: 'recipe-invalid',
      hint: `Names of layers: ${known.slice(0, 3).join(', ')}, … ${known.at(-1)}`,
    },
  )
}

function isRefused({ verdict }: BuiltVariant): boolean {
  return verdict?.passed === false
}

async function slimmedOf(state: BuilderState, recipe: Recipe): Promise<Slimmed> {
  const key = JSON.stringify(recipe.slim)
  if (recipe.slim === null) return { key, graph: state.graph, seconds: 0 }
  if (state.slimmed?.key === key) return state.slimmed
  // Before minutes of measuring.
  findCuts(state.graph, recipe.slim)
  const activations = await activationsOf(state)
  const started = performance.now()
  const graph = slim(state.graph, { ...recipe.slim, activations })
  state.slimmed = { key, graph, seconds: (performance.now() - started) / 1000 }
  return state.slimmed
}

async function activationsOf(state: BuilderState): Promise<Activations | null> {
  if (state.reference === null) return null
  state.activations ??= await probeActivations(state.graph, { ...state, pictures: state.reference.fitting })
  return state.activations
}

/** The faster form of an int8 variant, whose layers use ranges measured on frames; null without enough frames. */
async function calibratedOf(state: BuilderState, recipe: Recipe, graph: Graph): Promise<BuiltVariant | null> {
  const { reference } = state
  if (reference === null || ![recipe, ...recipe.layers].some(({ store }) => store === 'int8')) return null
  const ranges = await probeRanges(prunedOnly(graph, recipe), { ...state, pictures: reference.fitting })
  return ranges === null ? null : buildVariant(graph, { recipe, ranges }, state)
}

function prunedOnly(graph: Graph, recipe: Recipe): Graph {
  return applyRecipe(graph, { ...recipe, slim: null, store: 'fp32', layers: [] }).graph
}

/** Sensitivity is measured after pruning. */
async function finerOf(state: BuilderState, recipe: Recipe, graph: Graph): Promise<Recipe[]> {
  const { store, reference, onStep = () => {} } = { ...recipe, ...state }
  if (reference === null || (store !== 'int8' && store !== 'int4')) return []
  onStep(`Measuring the sensitivity of ${recipe.name}’s layers`)
  const sensitivities = await probeSensitivity(prunedOnly(graph, recipe), store, {
    ...state,
    pictures: reference.fitting,
  })
  const own = sensitivities.filter(({ layer }) => choiceOf(recipe, layer).store === store)
  return finerRecipes(recipe, own)
}

async function openReference(
  runner: SessionRunner,
  path: string,
  { pictures, texts, exactCard }: VariantBuilderOptions & { readonly exactCard: VariantCard },
): Promise<{ reference: Reference; int8Kernel: Int8Kernel | null }> {
  const { int8Kernel } = await runner.open(EXACT, path)
  const reference = await createReference(runner, {
    variant: EXACT,
    pictures,
    texts,
    calibration: exactCard.calibration,
  })
  // The embeddings are known now: free its memory.
  await runner.close(EXACT)
  return { reference, int8Kernel }
}
