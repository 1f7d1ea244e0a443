/** Runs temporary graphs with extra outputs that measure properties of layers. */

import { join } from 'node:path'
import type { Graph } from '../graph.ts'
import { saveModel } from '../onnxFile.ts'
import type { Activations } from '../variants/moments.ts'
import type { Ranges } from '../variants/ranges.ts'
import { layersBehindCuts } from '../variants/slim.ts'
import { activationsFrom, activationsGraph } from './activationsGraph.ts'
import { rangesFrom, rangesGraph } from './rangesGraph.ts'
import { type Sensitivity, sensitivityFrom, sensitivityGraph } from './sensitivity.ts'
import type { SessionRunner } from './sessionRunner.ts'
import type { Reduced } from './sessionRunnerProtocol.ts'

export interface ProbeDeps {
  readonly runner: SessionRunner
  /** For the graph's file. */
  readonly dir: string
  readonly pictures: readonly Uint8Array[]
}

/** Input moments of the layers whose inputs `slim` would prune. */
export async function probeActivations(graph: Graph, deps: ProbeDeps): Promise<Activations> {
  const layers = layersBehindCuts(graph)
  return activationsFrom(await sumOutputs(activationsGraph(graph, layers), deps), layers)
}

/** Fewer frames say too little of what others will show. */
const LEAST_FRAMES = 64

/** Ranges of the inputs of linear layers; null with fewer than 64 frames. */
export async function probeRanges(graph: Graph, deps: ProbeDeps): Promise<Ranges | null> {
  if (deps.pictures.length < LEAST_FRAMES) return null
  return rangesFrom(await withProbe(rangesGraph(graph), deps, () => deps.runner.max(NAME, deps.pictures)))
}

/** How much each layer's output changes by quantization, the most sensitive layer first. */
export async function probeSensitivity(graph: Graph, store: 'int8' | 'int4', deps: ProbeDeps): Promise<Sensitivity[]> {
  return sensitivityFrom(await sumOutputs(sensitivityGraph(graph, store), deps))
}

const NAME = 'probe'

function sumOutputs(graph: Graph, deps: ProbeDeps): Promise<Reduced> {
  return withProbe(graph, deps, () => deps.runner.sum(NAME, deps.pictures))
}

async function withProbe<T>(graph: Graph, { runner, dir }: ProbeDeps, run: () => Promise<T>): Promise<T> {
  const path = join(dir, `${NAME}.onnx`)
  await saveModel(graph, path)
  await runner.open(NAME, path)
  try {
    return await run()
  } finally {
    await runner.close(NAME)
  }
}
