/** The probe's model, made by our graph builder: `PROBE_MODEL` contains its bytes. */

import { encodeModel } from '../../../src/onnx/encodeModel.ts'
import { MICROSOFT } from '../../../src/onnx/graph.ts'
import { createGraphBuilder } from '../../../src/onnx/graphBuilder.ts'
import { PROBE_DEPTH, PROBE_TILES, PROBE_WEIGHTS } from '../../../src/onnx/session/int8Probe.ts'
import { tensorOf } from '../../../src/onnx/tensor.ts'

/** onnxruntime repeats the weights when it loads the model, so that the layers have a constant weight to pack. */
export function int8ProbeModel(): Uint8Array {
  const b = createGraphBuilder()
  const [height, width] = [PROBE_WEIGHTS.length, PROBE_WEIGHTS[0].length]
  const small = b.constant('small', tensorOf('int8', [height, width], Int8Array.from(PROBE_WEIGHTS.flat())))
  const weights = b.add('Tile', 'weights', [small, b.shape(PROBE_DEPTH / height, PROBE_TILES)])
  const centre = b.constant('centre', tensorOf('uint8', [], Uint8Array.of(128)))
  const one = b.scalar('one', 1)
  b.add('MatMulIntegerToFloat', 'centred', ['rows', weights, one, one, centre], { domain: MICROSOFT })
  b.add('MatMulInteger', 'plain', ['rows', weights])
  const dims = ['count', PROBE_TILES * width]
  const graph = b.finish({
    name: 'probe',
    inputs: [{ name: 'rows', dtype: 'uint8', dims: ['count', PROBE_DEPTH] }],
    output: { name: 'plain', dtype: 'int32', dims },
  })
  return encodeModel({ ...graph, outputs: [...graph.outputs, { name: 'centred', dtype: 'float32', dims }] }, new Map())
}
