import { beforeAll, describe, expect, test } from 'vitest'
import { exportText } from '../../../src/onnx/exportText.ts'
import { exportVision } from '../../../src/onnx/exportVision.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { openCheckpoint } from '../../../src/onnx/openCheckpoint.ts'
import { findAttentions } from '../../../src/onnx/variants/findAttentions.ts'
import { findMlps } from '../../../src/onnx/variants/findMlps.ts'
import { type Linear, weightsOf } from '../../../src/onnx/variants/linears.ts'
import { withWeights } from '../../../src/onnx/variants/sliceLinear.ts'
import { slim } from '../../../src/onnx/variants/slim.ts'
import {
  idTensor,
  openTiny,
  pictures,
  pixelTensor,
  pixelValueTensor,
  readReference,
  runGraph,
  tinyDir,
} from '../fixtures.ts'
import { tinyGraph } from './tinyGraph.ts'

const half = { heads: 0.5, neurons: 0.5, activations: null }

describe.each([
  { name: 'quick-gelu-p32', plain: false },
  { name: 'quick-gelu-p32', plain: true },
  { name: 'gelu-p16', plain: false },
  { name: 'gelu-p16', plain: true },
] as const)('slim of $name, plain: $plain', ({ name, plain }) => {
  let graph: Graph
  const { size } = readReference(name)
  const run = (of: Graph) => {
    const pixels = pictures(2, size)
    return runGraph(of, plain ? pixelValueTensor(pixels, size) : pixelTensor(pixels, size))
  }
  beforeAll(async () => {
    graph = exportVision(await openCheckpoint(tinyDir(name)), { plain })
  })

  test('halves the heads and neurons of every layer', () => {
    const [attention, mlp] = [findAttentions(graph)[0], findMlps(graph)[0]]
    const cut = slim(graph, half)
    expect(findAttentions(cut)).toHaveLength(findAttentions(graph).length)
    // The odd head stays, and neurons leave in groups of 16.
    for (const each of findAttentions(cut)) expect(each.heads).toBe(Math.ceil((attention?.heads ?? 0) / 2))
    const neurons = mlp?.up.columns ?? 0
    for (const each of findMlps(cut)) expect(each.up.columns).toBe(neurons - Math.floor(neurons / 32) * 16)
  })

  // What leaves is what the layer behind it ignores: then nothing may change.
  test('removes unused ones first, and computes the same', async () => {
    const deaf = deafenHalf(graph)
    const [before, after] = [await run(deaf), await run(slim(deaf, half))]
    for (const [i, row] of after.entries()) expect(distance(row, before[i] as Float32Array)).toBeLessThan(1e-5)
    expect(distance(after[0] as Float32Array, (await run(graph))[0] as Float32Array)).toBeGreaterThan(1e-3)
  })

  test('still runs with one head and one group of neurons', async () => {
    const cut = slim(graph, { heads: 0.99, neurons: 0.99, activations: null })
    for (const each of findAttentions(cut)) expect(each.heads).toBe(1)
    for (const row of await run(cut)) expect(row.every(Number.isFinite)).toBe(true)
  })
})

test('prunes a text tower as well', async () => {
  const { inputIds } = readReference('quick-gelu-p32')
  const graph = deafenHalf(exportText(await openCheckpoint(tinyDir('quick-gelu-p32'))))
  const [before, after] = [
    await runGraph(graph, idTensor(inputIds)),
    await runGraph(slim(graph, half), idTensor(inputIds)),
  ]
  for (const [i, row] of after.entries()) expect(distance(row, before[i] as Float32Array)).toBeLessThan(1e-5)
})

test('rejects a graph without heads, and invalid fractions', () => {
  expect(() => slim(tinyGraph(), half)).toThrow('Found no attention heads in the graph that slim can prune')
  expect(() => slim(tinyGraph(), { ...half, neurons: 1 })).toThrow('Expected the share of neurons to be at least 0')
})

test.each([{ plain: false }, { plain: true }])('rejects heads with rotary positions, %o', async options => {
  const graph = exportVision(await openTiny('timm-pe-core'), options)
  expect(() => slim(graph, half)).toThrow(
    expect.objectContaining({
      code: 'slim-unsupported',
      message: 'Expected 3 attention layers that slim can prune, found 1',
      hint: expect.stringContaining('use int8'),
    }),
  )
  const [mlp, cut] = [findMlps(graph)[0], findMlps(slim(graph, { ...half, heads: 0 }))[0]]
  expect(cut?.up.columns).toBeLessThan(mlp?.up.columns ?? 0)
})

/** Zeroes the outgoing weights of every second head and neuron. */
function deafenHalf(graph: Graph): Graph {
  const attentions = findAttentions(graph)
  const afterAttentions = attentions.reduce(
    (done, { out, size }) => zeroRows(done, out, row => Math.floor(row / size) % 2 === 1),
    graph,
  )
  return findMlps(graph).reduce((done, { down }) => zeroRows(done, down, row => row % 2 === 1), afterAttentions)
}

function zeroRows(graph: Graph, linear: Linear, isZero: (row: number) => boolean): Graph {
  const { rows, columns } = linear
  const weights = weightsOf(graph, linear).map((value, i) => (isZero(Math.floor(i / columns)) ? 0 : value))
  return withWeights(graph, linear, weights, { rows, columns })
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.hypot(...a.map((value, i) => value - (b[i] as number))) / Math.hypot(...b)
}
