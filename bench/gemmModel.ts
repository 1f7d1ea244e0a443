/** ONNX models that only multiply matrices. */

import { Tensor } from 'onnxruntime-node'
import { encodeModel } from '../src/onnx/encodeModel.ts'
import { int, MICROSOFT } from '../src/onnx/graph.ts'
import { createGraphBuilder, type GraphBuilder } from '../src/onnx/graphBuilder.ts'
import { type DType, floatTensor, tensorOf } from '../src/onnx/tensor.ts'

export interface Product {
  readonly name: string
  /** Of one image. */
  readonly rows: number
  readonly inputs: number
  readonly outputs: number
  /** Products of this size in an image. */
  readonly count: number
}

export const KINDS = ['fp32', 'u8·s8', 'u8·u8', 'u8·s8 → u8', 'blocks of 8 bits', 'blocks of 4 bits'] as const
/** MatMul; MatMulInteger, also with `x64quantprecision`; QLinearMatMul; MatMulNBits with accuracy level 4. */
export type Kind = (typeof KINDS)[number]

/**
 * All products in one graph, each with weights of its own as in a variant. Of every result one number is kept: large
 * outputs would have to be copied.
 */
export function productsModel(products: readonly Product[], kind: Kind): Uint8Array {
  const b = createGraphBuilder()
  const corners = products.flatMap(product =>
    Array.from({ length: product.count }, (_, i) => {
      const name = `${product.name}.${i}`
      const result = addProduct(b, { ...product, name, x: inputOf(product) }, kind)
      return b.add('Slice', `${name}.corner`, [result, b.shape(0, 0), b.shape(1, 1)])
    }),
  )
  b.add('Concat', 'corners', corners, { attributes: { axis: int(0) } })
  const graph = b.finish({
    name: 'products',
    inputs: [...new Map(products.map(each => [inputOf(each), each])).values()].map(each => ({
      name: inputOf(each),
      dtype: takesBytes(kind) ? 'uint8' : 'float32',
      dims: [`rows ${each.rows}`, each.inputs],
    })),
    output: { name: 'corners', dtype: OUTPUT[kind] ?? 'float32', dims: [corners.length, 1] },
  })
  return encodeModel({ ...graph, opsets: new Map([...graph.opsets, [MICROSOFT, 1]]) }, new Map())
}

export function createFeeds(products: readonly Product[], kind: Kind, batch: number): Record<string, Tensor> {
  return Object.fromEntries(
    products.map(product => {
      const dims = [product.rows * batch, product.inputs]
      const values = Array.from({ length: product.rows * batch * product.inputs }, (_, i) => (i * 31) % 251)
      const tensor = takesBytes(kind)
        ? new Tensor('uint8', Uint8Array.from(values), dims)
        : new Tensor(
            'float32',
            Float32Array.from(values, value => value / 125 - 1),
            dims,
          )
      return [inputOf(product), tensor]
    }),
  )
}

function inputOf({ rows, inputs }: Product): string {
  return `x.${rows}.${inputs}`
}

const OUTPUT: Partial<Record<Kind, DType>> = { u8·s8: 'int32', u8·u8: 'int32', 'u8·s8 → u8': 'uint8' }

function takesBytes(kind: Kind): boolean {
  return kind.startsWith('u8')
}

function addProduct(
  b: GraphBuilder,
  { inputs, outputs, name, x }: Product & { readonly x: string },
  kind: Kind,
): string {
  const byte = (k: number) => (k * 29 + name.length) % 255
  const bytes = (length: number) => Uint8Array.from({ length }, (_, k) => byte(k))
  const signed = () =>
    tensorOf(
      'int8',
      [inputs, outputs],
      Int8Array.from({ length: inputs * outputs }, (_, k) => byte(k) - 127),
    )
  switch (kind) {
    case 'fp32': {
      const weights = Float32Array.from({ length: inputs * outputs }, (_, k) => byte(k) / 127 - 1)
      return b.add('MatMul', name, [x, b.constant(`${name}.weight`, floatTensor([inputs, outputs], weights))])
    }
    case 'u8·s8':
    case 'u8·u8':
      return b.add('MatMulInteger', name, [x, b.constant(`${name}.weight`, signed())])
    case 'u8·s8 → u8': {
      const scale = b.scalar('scale', 0.01)
      const zero = b.constant('zero', tensorOf('uint8', [], Uint8Array.of(128)))
      const scales = b.constant(`scales.${outputs}`, floatTensor([outputs], new Float32Array(outputs).fill(0.01)))
      const zeros = b.constant(`zeros.${outputs}`, tensorOf('int8', [outputs], new Int8Array(outputs)))
      const weight = b.constant(`${name}.weight`, signed())
      return b.add('QLinearMatMul', name, [x, scale, zero, weight, scales, zeros, b.scalar('out', 8), zero])
    }
    default: {
      const [bits, block] = kind === 'blocks of 8 bits' ? [8, 32] : [4, 16]
      const blocks = inputs / block
      const weight = tensorOf('uint8', [outputs, blocks, (block * bits) / 8], bytes((outputs * inputs * bits) / 8))
      const scales = floatTensor([outputs * blocks], new Float32Array(outputs * blocks).fill(0.01))
      const attributes = {
        K: int(inputs),
        N: int(outputs),
        bits: int(bits),
        block_size: int(block),
        accuracy_level: int(4),
      }
      const parts = [x, b.constant(`${name}.weight`, weight), b.constant(`${name}.scales`, scales)]
      return b.add('MatMulNBits', name, parts, { domain: MICROSOFT, attributes })
    }
  }
}
