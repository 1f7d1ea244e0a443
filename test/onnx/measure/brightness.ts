/** The smallest models that look at pictures: mean colour, from bytes or from normalised floats. */

import { encodeModel } from '../../../src/onnx/encodeModel.ts'
import { type Graph, int, ints, node } from '../../../src/onnx/graph.ts'

export const SIZE = 4

/** pixels uint8 [batch, 4, 4, 3] → [batch, 3] */
export function fromBytes(): Uint8Array {
  const cast = node({ op: 'Cast', name: 'cast', inputs: ['pixels'], outputs: ['x'], attributes: { to: int(1) } })
  return model({ name: 'pixels', dtype: 'uint8', dims: ['batch', SIZE, SIZE, 3] }, [cast], [1, 2])
}

/** pixel_values float32 [batch, 3, 4, 4] → [batch, 3] */
export function fromFloats(): Uint8Array {
  const same = node({ op: 'Identity', name: 'same', inputs: ['pixel_values'], outputs: ['x'] })
  return model({ name: 'pixel_values', dtype: 'float32', dims: ['batch', 3, SIZE, SIZE] }, [same], [2, 3])
}

function model(input: Graph['inputs'][number], first: Graph['nodes'], axes: number[]): Uint8Array {
  const mean = node({
    op: 'ReduceMean',
    name: 'mean',
    inputs: ['x'],
    outputs: ['image_embeds'],
    attributes: { axes: ints(...axes), keepdims: int(0) },
  })
  const graph: Graph = {
    name: 'brightness',
    inputs: [input],
    outputs: [{ name: 'image_embeds', dtype: 'float32', dims: ['batch', 3] }],
    nodes: [...first, mean],
    initializers: new Map(),
    opsets: new Map([['', 17]]),
    metadata: new Map(),
    functions: [],
  }
  return encodeModel(graph, new Map())
}
