import { Tensor } from 'onnxruntime-node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { encodeModel } from '../../../src/onnx/encodeModel.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { rangesFrom, rangesGraph } from '../../../src/onnx/measure/rangesGraph.ts'
import { openSession } from '../../../src/onnx/session/openSession.ts'
import { fp16 } from '../../../src/onnx/variants/fp16.ts'
import { int4 } from '../../../src/onnx/variants/int4.ts'
import { int8 } from '../../../src/onnx/variants/int8.ts'
import { findLinears } from '../../../src/onnx/variants/linears.ts'
import type { Ranges } from '../../../src/onnx/variants/ranges.ts'
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

describe('int8 with measured ranges', () => {
  const wide = { min: -4000, max: 4000 }
  const ranges = new Map(findLinears(tinyGraph()).map(linear => [linear.node.inputs[0] ?? '', wide]))

  test('has constant scales, adds biases inside the products, and does not depend on the batch', async () => {
    const graph = int8(tinyGraph(), { ranges })
    const ops = graph.nodes.map(each => each.op)
    expect(ops).not.toContain('ReduceMax')
    expect(ops.filter(op => op === 'MatMulIntegerToFloat')).toHaveLength(3)
    expect(graph.nodes.filter(each => each.op === 'MatMulIntegerToFloat' && each.inputs.length === 7)).not.toEqual([])
    const together = await runTiny(graph, tinyBatch(BATCH))
    const [alone] = await runTiny(graph, tinyBatch(BATCH).slice(0, 256))
    expect(alone).toEqual(together[0])
  })

  test('computes nearly the same within the range', async () => {
    const brightest = tinyBatch(BATCH).slice(256 * (BATCH - 1))
    const [exact] = await runTiny(tinyGraph(), brightest)
    const found = await measuredRanges(tinyGraph(), brightest)
    const [vector] = await runTiny(int8(tinyGraph(), { ranges: found }), brightest)
    expect(cosine(vector as Float32Array, exact as Float32Array)).toBeGreaterThan(0.999)
    const [clipped] = await runTiny(int8(tinyGraph(), { ranges: shrunk(found, 10) }), brightest)
    expect(cosine(clipped as Float32Array, exact as Float32Array)).toBeLessThan(0.999)
  })

  test('values without a range keep a scale per row', () => {
    const [first = ''] = ranges.keys()
    const graph = int8(tinyGraph(), { ranges: new Map([[first, wide]]) })
    expect(graph.nodes.filter(each => each.op === 'ReduceMax')).toHaveLength(2)
  })
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

async function measuredRanges(graph: Graph, pictures: Float32Array<ArrayBuffer>): Promise<Ranges> {
  const { session } = await openSession(encodeModel(rangesGraph(graph), new Map()), { threads: 1 })
  onTestFinished(() => session.release())
  const feeds = { pixels: new Tensor('float32', pictures, [pictures.length / 256, 4, 8, 8]) }
  const outputs = Object.entries(await session.run(feeds))
  return rangesFrom(new Map(outputs.map(([name, { data }]) => [name, data as Float32Array])))
}

function shrunk(ranges: Ranges, factor: number): Ranges {
  return new Map([...ranges].map(([name, { min, max }]) => [name, { min: min / factor, max: max / factor }]))
}

function distance(a: Float32Array, b: Float32Array): number {
  const norm = Math.hypot(...b)
  return Math.hypot(...a.map((value, i) => value - (b[i] as number))) / norm
}
