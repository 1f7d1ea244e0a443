/** A small graph with every way in which exporters write a linear layer, and what runs it. */

import { Tensor as OrtTensor } from 'onnxruntime-node'
import { encodeModel } from '../../../src/onnx/encodeModel.ts'
import { float, type Graph, int, ints, node } from '../../../src/onnx/graph.ts'
import { openSession } from '../../../src/onnx/session/openSession.ts'
import { floatTensor, int64Tensor } from '../../../src/onnx/tensor.ts'
import { createRandom } from '../../../src/util/random.ts'

export const WIDTH = 64
export const HIDDEN = 160

/** pixels [batch, 4, 8, 8] → conv → tokens → MatMul+Add → Relu → MatMul of a transposed weight → mean → Gemm → [batch, 48] */
export function tinyGraph(seed = 'tiny'): Graph {
  const random = createRandom(seed)
  const weight = (...dims: number[]) =>
    floatTensor(
      dims,
      Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => random.normal(0, 0.1)),
    )
  return {
    name: 'tiny',
    inputs: [{ name: 'pixels', dtype: 'float32', dims: ['batch', 4, 8, 8] }],
    outputs: [{ name: 'embeds', dtype: 'float32', dims: ['batch', 48] }],
    opsets: new Map([['', 17]]),
    metadata: new Map(),
    functions: [],
    initializers: new Map([
      ['kernel', weight(WIDTH, 4, 4, 4)],
      ['shape', int64Tensor([3], [0, WIDTH, -1])],
      ['up.weight', weight(WIDTH, HIDDEN)],
      ['up.bias', weight(HIDDEN)],
      ['down.weight', weight(WIDTH, HIDDEN)],
      ['project.weight', weight(48, WIDTH)],
      ['project.bias', weight(48)],
    ]),
    nodes: [
      node({
        op: 'Conv',
        name: 'patch',
        inputs: ['pixels', 'kernel'],
        outputs: ['patches'],
        attributes: { strides: ints(4, 4) },
      }),
      node({ op: 'Reshape', name: 'flat', inputs: ['patches', 'shape'], outputs: ['flat'] }),
      node({
        op: 'Transpose',
        name: 'tokens',
        inputs: ['flat'],
        outputs: ['tokens'],
        attributes: { perm: ints(0, 2, 1) },
      }),
      node({ op: 'MatMul', name: 'up', inputs: ['tokens', 'up.weight'], outputs: ['up.product'] }),
      node({ op: 'Add', name: 'up/add', inputs: ['up.bias', 'up.product'], outputs: ['up.sum'] }),
      node({ op: 'Relu', name: 'relu', inputs: ['up.sum'], outputs: ['hidden'] }),
      node({ op: 'Transpose', name: '', inputs: ['down.weight'], outputs: ['down.turned'] }),
      node({ op: 'MatMul', name: '', inputs: ['hidden', 'down.turned'], outputs: ['down'] }),
      node({
        op: 'ReduceMean',
        name: 'pool',
        inputs: ['down'],
        outputs: ['pooled'],
        attributes: { axes: ints(1), keepdims: int(0) },
      }),
      node({
        op: 'Gemm',
        name: 'project',
        inputs: ['pooled', 'project.weight', 'project.bias'],
        outputs: ['embeds'],
        attributes: { transB: int(1), alpha: float(1) },
      }),
    ],
  }
}

/** `batch` pictures whose brightness differs a hundredfold: what a range over the whole batch would ruin. */
export function tinyBatch(batch: number): Float32Array<ArrayBuffer> {
  const random = createRandom('pictures')
  return Float32Array.from({ length: batch * 256 }, (_, i) => random.normal(0, 1) * 100 ** ((i >> 8) / batch))
}

/** The graph's output as one vector per picture. */
export async function runTiny(graph: Graph, pictures: Float32Array<ArrayBuffer>): Promise<Float32Array[]> {
  const { session } = await openSession(encodeModel(graph, new Map()), { threads: 1 })
  try {
    const batch = pictures.length / 256
    const feeds = { pixels: new OrtTensor('float32', pictures, [batch, 4, 8, 8]) }
    const data = (await session.run(feeds)).embeds?.data as Float32Array
    return Array.from({ length: batch }, (_, i) => data.slice(i * 48, (i + 1) * 48))
  } finally {
    await session.release()
  }
}

/** The same graph with a kernel of 65,536 weights: 1,024 channels, of which the layers behind see the first ones. */
export function wideKernel(graph: Graph): Graph {
  const random = createRandom('kernel')
  const kernel = Float32Array.from({ length: 1024 * 64 }, () => random.normal(0, 0.1))
  const cut = node({
    op: 'Slice',
    name: 'cut',
    inputs: ['patches.wide', 'cut.from', 'cut.to', 'cut.axis'],
    outputs: ['patches'],
  })
  return {
    ...graph,
    initializers: new Map([
      ...graph.initializers,
      ['kernel', floatTensor([1024, 4, 4, 4], kernel)],
      ['cut.from', int64Tensor([1], [0])],
      ['cut.to', int64Tensor([1], [WIDTH])],
      ['cut.axis', int64Tensor([1], [1])],
    ]),
    nodes: graph.nodes.flatMap(each => (each.name === 'patch' ? [{ ...each, outputs: ['patches.wide'] }, cut] : each)),
  }
}

/** Bytes of all weights. */
export function weightBytes(graph: Graph): number {
  return [...graph.initializers.values()].reduce((sum, tensor) => sum + tensor.byteLength, 0)
}
