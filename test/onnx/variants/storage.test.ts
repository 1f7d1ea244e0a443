import { beforeAll, describe, expect, test } from 'vitest'
import type { Graph } from '../../../src/onnx/graph.ts'
import { fp16 } from '../../../src/onnx/variants/fp16.ts'
import { int4 } from '../../../src/onnx/variants/int4.ts'
import { int8 } from '../../../src/onnx/variants/int8.ts'
import { findLinears } from '../../../src/onnx/variants/linears.ts'
import { cosine } from '../../../src/util/vector.ts'
import { runTiny, tinyBatch, tinyGraph, weightBytes, wideKernel } from './tinyGraph.ts'

const BATCH = 5
let expected: Float32Array[]
beforeAll(async () => {
  expected = await runTiny(tinyGraph(), tinyBatch(BATCH))
})

// Limits on Gaussian weights, which are the hardest: half a step of 1/127 in weights and activations is 0.6 %,
// of 1/8 about 9 %, of a half 0.03 %; the cosine falls by about half the square of that per layer.
const variants = [
  { name: 'int8', make: int8, least: 0.9995, share: 0.33 },
  { name: 'int4', make: int4, least: 0.97, share: 0.24 },
  { name: 'fp16', make: fp16, least: 0.999999, share: 0.51 },
] as const

describe.each(variants)('$name', ({ make, least, share }) => {
  test('computes nearly the same', async () => {
    const actual = await runTiny(make(tinyGraph()), tinyBatch(BATCH))
    expect(actual).not.toEqual(expected)
    for (const [i, vector] of actual.entries())
      expect(cosine(vector, expected[i] as Float32Array)).toBeGreaterThan(least)
  })

  test('is smaller', () => {
    expect(weightBytes(make(tinyGraph())) / weightBytes(tinyGraph())).toBeLessThan(share)
  })

  test('computes the same vector for a frame alone and in a batch', async () => {
    const graph = make(tinyGraph())
    const together = await runTiny(graph, tinyBatch(BATCH))
    for (let i = 0; i < BATCH; i++) {
      const [alone] = await runTiny(graph, tinyBatch(BATCH).slice(i * 256, (i + 1) * 256))
      expect(distance(alone as Float32Array, together[i] as Float32Array)).toBeLessThanOrEqual(1e-6)
    }
  })

  test('does not change its input graph', async () => {
    const graph = tinyGraph()
    make(graph)
    expect(await runTiny(graph, tinyBatch(BATCH))).toEqual(expected)
  })

  test('keeps the layers that are not chosen, and with them their exact result', async () => {
    const graph = make(tinyGraph(), { layers: () => false, rest: false })
    expect(await runTiny(graph, tinyBatch(BATCH))).toEqual(expected)
    const only = findLinears(make(tinyGraph(), { layers: name => name !== 'up', rest: false }))
    expect(only.map(linear => linear.name)).toContain('up')
  })
})

test('int8 quantizes what several layers read only once', () => {
  const graph = tinyGraph()
  const up = graph.nodes.find(each => each.name === 'up')
  if (up === undefined) throw new Error('no layer')
  const twin: Graph = {
    ...graph,
    outputs: [...graph.outputs, { name: 'twin', dtype: 'float32', dims: null }],
    nodes: [...graph.nodes, { ...up, name: 'twin', outputs: ['twin'] }],
  }
  expect(int8(twin).nodes.filter(each => each.op === 'QuantizeLinear')).toHaveLength(3)
})

test('int8 stores a large kernel in eight bits, one scale per output channel', async () => {
  const graph = wideKernel(tinyGraph())
  const [exact] = await runTiny(graph, tinyBatch(1))
  const packed = int8(graph, { layers: () => false })
  const [vector] = await runTiny(packed, tinyBatch(1))
  expect(packed.initializers.get('kernel/q')?.dtype).toBe('int8')
  expect(packed.initializers.get('kernel/scale')?.dims).toEqual([1024, 1, 1, 1])
  expect(cosine(vector as Float32Array, exact as Float32Array)).toBeGreaterThan(0.9999)
})

test('int8 of rows of zeros is the bias, not NaN', async () => {
  const [vector] = await runTiny(int8(tinyGraph()), new Float32Array(256))
  expect(vector?.every(Number.isFinite)).toBe(true)
})

test('works on opset 18, where the axes of a reduction became an input', async () => {
  const graph = tinyGraph()
  const newer: Graph = {
    ...graph,
    opsets: new Map([['', 18]]),
    nodes: graph.nodes.filter(each => each.op !== 'ReduceMean'),
  }
  const outputs = [{ name: 'down', dtype: 'float32', dims: null }] as const
  const quantized = int8({ ...newer, outputs, nodes: newer.nodes.filter(each => each.op !== 'Gemm') })
  expect(quantized.nodes.filter(each => each.op === 'ReduceMax').map(each => each.inputs.length)).toEqual([2, 2])
})

function distance(a: Float32Array, b: Float32Array): number {
  const norm = Math.hypot(...b)
  return Math.hypot(...a.map((value, i) => value - (b[i] as number))) / norm
}
