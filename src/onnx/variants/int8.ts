/** 8-bit linear layers: weights are quantized per output channel and activations per row, independent of the batch. */

import {
  type Graph,
  type GraphNode,
  indexGraph,
  ints,
  MICROSOFT,
  node,
  pruneUnused,
  withInitializers,
  withOpset,
} from '../graph.ts'
import { quantizeChannels } from '../quantize/quantizeChannels.ts'
import { floatTensor, int64Tensor, type Tensor, tensorOf } from '../tensor.ts'
import { type Choose, everyLayer, type Linear, type Rewrite, rewriteLinears, weightsOf } from './linears.ts'
import { packRemaining } from './packRemaining.ts'
import { quantizeRange, type Range, type Ranges } from './ranges.ts'

export interface Int8Options {
  /** Layers to quantize; the others stay as they are. */
  readonly layers?: Choose
  /** Also stores kernels and tables outside of linear layers in 8 bits. Default: true. */
  readonly rest?: boolean
  /** Ranges of the layers' inputs, measured on frames; null or absent for a value: its rows get scales in the graph. */
  readonly ranges?: Ranges | null
}

/**
 * Every row of activations (one token) gets its own scale, computed in the graph: nothing to calibrate, an outlier in
 * one token costs the others nothing, and a frame's result cannot depend on its batch. ONNX Runtime's own dynamic
 * quantization takes one range over the whole batch.
 *
 * With measured ranges, the scale of an input is a constant instead. That saves the passes over memory that look for
 * each row's maximum and multiply by it, a tenth of the time, and what exceeds the range is clipped.
 *
 * On x86 without VNNI the product u8·s8 saturates; `openSession` then multiplies u8·u8: see `Int8Kernel`.
 */
export function int8(graph: Graph, options: Int8Options = {}): Graph {
  const { ranges = null } = options
  const seen = new Map<string, GraphNode[]>()
  const rewritten = rewriteLinears(graph, options.layers ?? everyLayer, linear => {
    if (linear.bytes !== null) return multiplyBytes(graph, linear, linear.bytes)
    const range = ranges?.get(linear.node.inputs[0]!)
    return range === undefined ? rewrite(graph, linear, seen) : rewriteWithRange(graph, linear, { range, seen })
  })
  const declared = pruneUnused(
    withInitializers(withOpset(ranges === null ? rewritten : addBiases(rewritten), MICROSOFT, 1), CONSTANTS),
  )
  return (options.rest ?? true) ? packRemaining(declared, 'int8') : declared
}

const CONSTANTS: readonly (readonly [string, Tensor])[] = [
  ['int8/one', floatTensor([], [1])],
  ['int8/zero_point', tensorOf('uint8', [], Uint8Array.of(128))],
  ['int8/steps', floatTensor([], [127])],
  ['int8/least', floatTensor([], [1e-20])],
  ['int8/last_axis', int64Tensor([1], [-1])],
]

/** @param seen the nodes that quantize a value's rows, made once for all layers that read it (q, k and v) */
function rewrite(graph: Graph, linear: Linear, seen: Map<string, GraphNode[]>): Rewrite {
  const input = linear.node.inputs[0]!
  const product = `${linear.name}/product`
  const first = !seen.has(input)
  const quantizing = seen.get(input) ?? quantizeRows(graph, input)
  seen.set(input, quantizing)
  const { nodes, output } = addBias(linear)
  return {
    nodes: [
      ...(first ? quantizing : []),
      multiply(linear, { input: `${input}/q`, output: product, scale: 'int8/one', zero: 'int8/zero_point' }),
      node({ op: 'Mul', name: `${linear.name}/rescale`, inputs: [product, `${input}/row_scale`], outputs: [output] }),
      ...nodes,
    ],
    initializers: weightsAs(graph, linear),
  }
}

/** The scale of the input is a constant, so that the product can scale its output as well. */
function rewriteWithRange(
  graph: Graph,
  linear: Linear,
  { range, seen }: { range: Range; seen: Map<string, GraphNode[]> },
): Rewrite {
  const input = linear.node.inputs[0]!
  const [quantized, scale, zero] = [`${input}/q`, `${input}/scale`, `${input}/zero_point`]
  const first = !seen.has(input)
  const quantizing = [
    node({ op: 'QuantizeLinear', name: quantized, inputs: [input, scale, zero], outputs: [quantized] }),
  ]
  seen.set(input, quantizing)
  const { nodes, output } = addBias(linear)
  const byteRange = quantizeRange(range)
  return {
    nodes: [...(first ? quantizing : []), multiply(linear, { input: quantized, output, scale, zero }), ...nodes],
    initializers: [
      ...weightsAs(graph, linear),
      [scale, floatTensor([], [byteRange.scale])],
      [zero, tensorOf('uint8', [], Uint8Array.of(byteRange.zeroPoint))],
    ],
  }
}

/** Lets a product add the bias behind it: one pass over memory less. */
function addBiases(graph: Graph): Graph {
  const index = indexGraph(graph)
  const added = new Set<GraphNode>()
  const nodes = graph.nodes.map(product => {
    const [value = ''] = product.outputs
    const [add, ...others] = index.consumersOf(value)
    const columns = graph.initializers.get(product.inputs[3] ?? '')?.dims.join()
    const bias = add?.inputs.find(input => graph.initializers.get(input)?.dims.join() === columns)
    const isAlone = product.op === 'MatMulIntegerToFloat' && others.length === 0 && !index.isOutput(value)
    if (!isAlone || add?.op !== 'Add' || bias === undefined) return product
    added.add(add)
    return { ...product, inputs: [...product.inputs, '', bias], outputs: add.outputs }
  })
  return { ...graph, nodes: nodes.filter(each => !added.has(each)) }
}

/**
 * Pixels are bytes already: only the weights are rounded. The offset of 128 makes mid-grey pixels small, and with them the
 * error of the rounded weights; 128 times the exact weights' sums is added back:
 * p · W = (p − 128) · W + 128 · ΣW.
 */
function multiplyBytes(graph: Graph, linear: Linear, bytes: string): Rewrite {
  const product = `${linear.name}/product`
  const middle = `${linear.name}/middle`
  const { nodes, output } = addBias(linear)
  return {
    nodes: [
      multiply(linear, { input: bytes, output: product, scale: 'int8/one', zero: 'int8/zero_point' }),
      node({ op: 'Add', name: `${linear.name}/recentre`, inputs: [product, middle], outputs: [output] }),
      ...nodes,
    ],
    initializers: [...weightsAs(graph, linear), [middle, floatTensor([linear.columns], middleOf(graph, linear))]],
  }
}

/** 128 times the sum of each column's weights. */
function middleOf(graph: Graph, linear: Linear): Float32Array<ArrayBuffer> {
  const weights = weightsOf(graph, linear)
  const sums = new Float64Array(linear.columns)
  for (let i = 0; i < weights.length; i++) {
    const column = i % linear.columns
    sums[column]! += weights[i]!
  }
  return Float32Array.from(sums, sum => 128 * sum)
}

interface ProductParts {
  readonly input: string
  readonly output: string
  /** Of the input. */
  readonly scale: string
  readonly zero: string
}

function multiply({ name }: Linear, { input, output, scale, zero }: ProductParts): GraphNode {
  return node({
    op: 'MatMulIntegerToFloat',
    domain: MICROSOFT,
    name: `${name}/int8`,
    inputs: [input, `${name}/weight_q`, scale, `${name}/weight_scale`, zero],
    outputs: [output],
  })
}

/** The node that adds a Gemm's bias, and the value that it adds to; without a bias that value is the layer's output. */
function addBias({ name, bias, node: old }: Linear): { nodes: GraphNode[]; output: string } {
  const [output = ''] = old.outputs
  if (bias === null) return { nodes: [], output }
  const unbiased = `${name}/unbiased`
  return {
    nodes: [node({ op: 'Add', name: `${name}/bias`, inputs: [unbiased, bias], outputs: [output] })],
    output: unbiased,
  }
}

function weightsAs(graph: Graph, linear: Linear): Rewrite['initializers'] {
  const { name, rows, columns } = linear
  const { values, scales } = quantizeChannels(weightsOf(graph, linear), columns, 1)
  return [
    [`${name}/weight_q`, tensorOf('int8', [rows, columns], values)],
    [`${name}/weight_scale`, floatTensor([columns], scales)],
  ]
}

/** x → round(x · 127 / max|row|) + 128, and max|row| / 127. A row of zeros gets the least scale, not a division by zero. */
function quantizeRows(graph: Graph, x: string): GraphNode[] {
  const at = (suffix: string) => `${x}/${suffix}`
  // From opset 18 on the axes are an input.
  const axes = (graph.opsets.get('') ?? 0) >= 18
  return [
    node({ op: 'Abs', name: at('abs'), inputs: [x], outputs: [at('abs')] }),
    node({
      op: 'ReduceMax',
      name: at('max'),
      inputs: axes ? [at('abs'), 'int8/last_axis'] : [at('abs')],
      outputs: [at('max')],
      attributes: axes ? {} : { axes: ints(-1) },
    }),
    node({ op: 'Max', name: at('least'), inputs: [at('max'), 'int8/least'], outputs: [at('least')] }),
    node({ op: 'Div', name: at('row_scale'), inputs: [at('least'), 'int8/steps'], outputs: [at('row_scale')] }),
    node({ op: 'Div', name: at('steps'), inputs: [x, at('row_scale')], outputs: [at('steps')] }),
    node({
      op: 'QuantizeLinear',
      name: at('q'),
      inputs: [at('steps'), 'int8/one', 'int8/zero_point'],
      outputs: [at('q')],
    }),
  ]
}
