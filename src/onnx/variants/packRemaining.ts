/** Compresses weights outside of linear layers (kernels, tables). The session decompresses them when it loads. */

import { type Graph, type GraphNode, int, node, pruneUnused, withInitializers } from '../graph.ts'
import { quantizeChannels } from '../quantize/quantizeChannels.ts'
import { elementCount, floatsOf, floatTensor, halfTensor, type Tensor, tensorOf } from '../tensor.ts'
import { findLinears } from './linears.ts'

/** ONNX's number for float32 in `Cast`. */
const FLOAT = 1
/** Below this a tensor is too small to matter: biases, norms. */
const LEAST_ELEMENTS = 1024
/** Below this, 8 bits save little and lose as much precision: positions, kernels of small models. */
const LEAST_INT8_ELEMENTS = 65536
/** Largest finite half: an infinite weight would make every embedding NaN. */
const HALF_MAX = 65504

/**
 * Puts `Cast` (and for int8 `Mul` by the row's scale) between the stored tensor and its users. ONNX Runtime folds both
 * at load, so the computation is that of float32 and costs the same; only the file is smaller.
 * Weights of linear layers that are still float32 are kept: the recipe wants them exact.
 */
export function packRemaining(graph: Graph, as: 'int8' | 'float16'): Graph {
  const linear = new Set(findLinears(graph).map(each => each.weight))
  return pack(graph, as, name => !linear.has(name))
}

/** The same for every chosen float32 tensor of at least 1,024 elements; with `int8`, those below 65,536 are stored as float16. */
export function pack(graph: Graph, as: 'int8' | 'float16', choose: (name: string) => boolean): Graph {
  const nodes: GraphNode[] = []
  const kept = new Map(graph.initializers)
  const added: [string, Tensor][] = []
  for (const [name, tensor] of graph.initializers) {
    if (tensor.dtype !== 'float32' || elementCount(tensor.dims) < LEAST_ELEMENTS || !choose(name)) continue
    kept.delete(name)
    if (as === 'int8' && tensor.dims.length >= 2 && elementCount(tensor.dims) >= LEAST_INT8_ELEMENTS)
      unfoldInt8(name, tensor, nodes, added)
    else unfoldHalf(name, tensor, nodes, added)
  }
  if (nodes.length === 0) return graph
  return pruneUnused(withInitializers({ ...graph, nodes: [...nodes, ...graph.nodes], initializers: kept }, added))
}

function unfoldHalf(name: string, tensor: Tensor, nodes: GraphNode[], added: [string, Tensor][]): void {
  const values = floatsOf(tensor).map(value => Math.min(HALF_MAX, Math.max(-HALF_MAX, value)))
  added.push([`${name}/half`, halfTensor(tensor.dims, values)])
  nodes.push(castToFloat(`${name}/cast`, `${name}/half`, name))
}

/** One scale per entry of the first axis: per output channel of a kernel, per row of a table. */
function unfoldInt8(name: string, tensor: Tensor, nodes: GraphNode[], added: [string, Tensor][]): void {
  const [rows = 1, ...rest] = tensor.dims
  const { values, scales } = quantizeChannels(floatsOf(tensor), elementCount(rest), 0)
  added.push([`${name}/q`, tensorOf('int8', tensor.dims, values)])
  added.push([`${name}/scale`, floatTensor([rows, ...rest.map(() => 1)], scales)])
  nodes.push(castToFloat(`${name}/cast`, `${name}/q`, `${name}/steps`))
  nodes.push(node({ op: 'Mul', name: `${name}/unfold`, inputs: [`${name}/steps`, `${name}/scale`], outputs: [name] }))
}

function castToFloat(name: string, from: string, to: string): GraphNode {
  return node({ op: 'Cast', name, inputs: [from], outputs: [to], attributes: { to: int(FLOAT) } })
}
