/** Runs temporary graphs with extra outputs that measure properties of layers. */

import { join } from 'node:path'
import type { Graph } from '../graph.ts'
import { saveModel } from '../onnxFile.ts'
import type { Activations } from '../variants/moments.ts'
import { layersBehindCuts } from '../variants/slim.ts'
import { activationsFrom, activationsGraph } from './activationsGraph.ts'
import { type Sensitivity, sensitivityFrom, sensitivityGraph } from './sensitivity.ts'
import type { SessionRunner } from './sessionRunner.ts'
import type { Sums } from './sessionRunnerProtocol.ts'

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

/** How much each layer's output changes by quantization, the most sensitive layer first. */
export async function probeSensitivity(graph: Graph, store: 'int8' | 'int4', deps: ProbeDeps): Promise<Sensitivity[]> {
  return sensitivityFrom(await sumOutputs(sensitivityGraph(graph, store), deps))
}

const NAME = 'probe'

async function sumOutputs(graph: Graph, { runner, dir, pictures }: ProbeDeps): Promise<Sums> {
  const path = join(dir, `${NAME}.onnx`)
  await saveModel(graph, path)
  await runner.open(NAME, path)
  try {
    return await runner.sum(NAME, pictures)
  } finally {
    await runner.close(NAME)
  }
}
