/** Four-bit linear layers: ONNX Runtime's MatMulNBits, and 8 bits for kernels and tables. */

import { type Graph, int, MICROSOFT, node, withOpset } from '../graph.ts'
import { quantizeBlocks } from '../quantize/quantizeBlocks.ts'
import { halfTensor, tensorOf } from '../tensor.ts'
import { int8 } from './int8.ts'
import {
  type Choose,
  everyLayer,
  findLinears,
  type Linear,
  type Rewrite,
  rewriteLinears,
  weightsOf,
} from './linears.ts'
import { packRemaining } from './packRemaining.ts'

export interface Int4Options {
  readonly layers?: Choose
  /** Stores kernels and tables outside of linear layers in 8 bits. Default: true. */
  readonly rest?: boolean
}

/**
 * Blocks of 16 with float16 scales are as large as blocks of 32 with float32 scales (5 bits a weight) and lose less:
 * docs/models.md has both. The scales pass through a `Cast` that is folded at load: MatMulNBits wants float32 beside
 * float32 activations.
 */
const BLOCK = 16
/** Activations in int8, one scale per row and block: faster than float32 on every machine measured, and as invariant. */
const ACCURACY_LEVEL = 4
const FLOAT = 1

/** Pixels keep eight-bit weights and are multiplied exactly: four bits there would save 1 % of the file. */
export function int4(graph: Graph, options: Int4Options = {}): Graph {
  const { layers = everyLayer } = options
  const bytes = new Set(findLinears(graph).flatMap(linear => (linear.bytes === null ? [] : linear.name)))
  const exact = int8(graph, { layers: name => layers(name) && bytes.has(name), rest: false })
  const rewritten = rewriteLinears(exact, layers, linear => rewrite(exact, linear))
  const declared = withOpset(rewritten, MICROSOFT, 1)
  return (options.rest ?? true) ? packRemaining(declared, 'int8') : declared
}

function rewrite(graph: Graph, linear: Linear): Rewrite {
  const { name, node: old, rows, columns } = linear
  const quantized = quantizeBlocks(weightsOf(graph, linear), columns, { bits: 4, block: BLOCK })
  const scales = `${name}/weight_scale`
  return {
    nodes: [
      node({
        op: 'Cast',
        name: `${name}/scale_cast`,
        inputs: [`${scales}/half`],
        outputs: [scales],
        attributes: { to: int(FLOAT) },
      }),
      node({
        op: 'MatMulNBits',
        domain: MICROSOFT,
        name: `${name}/int4`,
        inputs: [old.inputs[0]!, `${name}/weight_q`, scales, ...(linear.bias === null ? [] : ['', '', linear.bias])],
        outputs: old.outputs,
        attributes: {
          K: int(rows),
          N: int(columns),
          bits: int(4),
          block_size: int(BLOCK),
          accuracy_level: int(ACCURACY_LEVEL),
        },
      }),
    ],
    initializers: [
      [`${name}/weight_q`, tensorOf('uint8', [columns, quantized.blocksPerColumn, BLOCK / 2], quantized.packed)],
      [`${scales}/half`, halfTensor([columns * quantized.blocksPerColumn], quantized.scales)],
    ],
  }
}
