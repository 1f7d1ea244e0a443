/** Decodes an ONNX protobuf into a graph. Any invalid input throws one clear error. */

import { fromBinary } from '@bufbuild/protobuf'
import { messageOf, WatchwordError } from '../util/errors.ts'
import type { Attribute, Graph, GraphNode, ValueInfo } from './graph.ts'
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  type ValueInfoProto,
} from './proto/onnx_pb.ts'
import { byteLengthOf, type DType, lazyTensor, type Tensor, tensorOf } from './tensor.ts'

/** Reads `length` bytes at `offset` of a file in the model's directory. Throws a WatchwordError when it does not exist. */
export type ReadExternal = (part: ExternalPart) => () => Uint8Array<ArrayBuffer>

export interface ExternalPart {
  readonly location: string
  readonly offset: number
  readonly length: number
}

/**
 * @param bytes of the .onnx file; tensors are views of it: do not change it afterwards
 * @param where the file's name, for messages
 * @throws WatchwordError `onnx-invalid`, `onnx-unsupported`
 */
export function decodeModel(bytes: Uint8Array<ArrayBuffer>, where: string, readExternal: ReadExternal): Graph {
  try {
    return decode(bytes, readExternal)
  } catch (cause) {
    if (cause instanceof WatchwordError && cause.code.startsWith('file-')) throw cause
    const code = cause instanceof WatchwordError ? cause.code : 'onnx-invalid'
    const message = `Cannot use ${where} as an ONNX model: ${messageOf(cause)}`
    throw new WatchwordError(message, { code, cause, hint: 'Download or export it again' })
  }
}

function decode(bytes: Uint8Array<ArrayBuffer>, readExternal: ReadExternal): Graph {
  const model = fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false })
  const graph = model.graph
  if (graph === undefined || graph.output.length === 0) throw invalid('it contains no graph')
  if (graph.sparseInitializer.length > 0) throw unsupported('sparse initializers are not supported')
  const initializers = new Map(graph.initializer.map(each => [each.name, decodeTensor(each, readExternal)]))
  return {
    name: graph.name,
    inputs: graph.input.filter(input => !initializers.has(input.name)).map(decodeValue),
    outputs: graph.output.map(decodeValue),
    nodes: graph.node.map(each => decodeNode(each, readExternal)),
    initializers,
    opsets: new Map(model.opsetImport.map(each => [normalDomain(each.domain), Number(each.version)])),
    metadata: new Map(model.metadataProps.map(each => [each.key, each.value])),
    functions: model.functions,
  }
}

/** 'ai.onnx' is the long name of ''. */
function normalDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain
}

function decodeValue(value: ValueInfoProto): ValueInfo {
  const type = value.type?.value
  if (type?.case !== 'tensorType') throw unsupported(`value \`${value.name}\` is not a tensor`)
  const dims = type.value.shape?.dim.map((dim, axis) => {
    if (dim.value.case === 'dimValue') return Number(dim.value.value)
    return dim.value.case === 'dimParam' && dim.value.value !== '' ? dim.value.value : `${value.name}_${axis}`
  })
  return { name: value.name, dtype: dtypeOf(type.value.elemType, value.name), dims: dims ?? null }
}

function decodeNode(each: NodeProto, readExternal: ReadExternal): GraphNode {
  return {
    op: each.opType,
    domain: normalDomain(each.domain),
    name: each.name,
    inputs: each.input,
    outputs: each.output,
    attributes: Object.fromEntries(each.attribute.map(a => [a.name, decodeAttribute(a, readExternal)])),
  }
}

function decodeAttribute(proto: AttributeProto, readExternal: ReadExternal): Attribute {
  const other: Attribute = { type: 'other', proto, captures: capturesOf(proto) }
  if (proto.refAttrName !== '') return other
  switch (proto.type) {
    case AttributeType.INT:
      return isSafe(proto.i) ? { type: 'int', value: Number(proto.i) } : other
    case AttributeType.FLOAT:
      return { type: 'float', value: proto.f }
    case AttributeType.STRING:
      return { type: 'string', value: new TextDecoder().decode(proto.s) }
    case AttributeType.INTS:
      return proto.ints.every(isSafe) ? { type: 'ints', value: proto.ints.map(Number) } : other
    case AttributeType.FLOATS:
      return { type: 'floats', value: proto.floats }
    case AttributeType.TENSOR:
      if (proto.t === undefined || proto.t.dataType === TensorProto_DataType.STRING) return other
      return { type: 'tensor', value: decodeTensor(proto.t, readExternal) }
    default:
      return other
  }
}

function isSafe(value: bigint): boolean {
  return Number.isSafeInteger(Number(value))
}

function capturesOf(proto: AttributeProto): string[] {
  return [proto.g, ...proto.graphs].filter(graph => graph !== undefined).flatMap(outerValuesOf)
}

function outerValuesOf(graph: GraphProto): string[] {
  const own = new Set([
    ...graph.input.map(each => each.name),
    ...graph.initializer.map(each => each.name),
    ...graph.node.flatMap(each => each.output),
  ])
  const used = graph.node.flatMap(each => [...each.input, ...each.attribute.flatMap(capturesOf)])
  return [...used, ...graph.output.map(each => each.name)].filter(name => name !== '' && !own.has(name))
}

const DTYPES: ReadonlyMap<number, DType> = new Map([
  [TensorProto_DataType.FLOAT, 'float32'],
  [TensorProto_DataType.FLOAT16, 'float16'],
  [TensorProto_DataType.BFLOAT16, 'bfloat16'],
  [TensorProto_DataType.DOUBLE, 'float64'],
  [TensorProto_DataType.INT64, 'int64'],
  [TensorProto_DataType.INT32, 'int32'],
  [TensorProto_DataType.INT16, 'int16'],
  [TensorProto_DataType.INT8, 'int8'],
  [TensorProto_DataType.UINT64, 'uint64'],
  [TensorProto_DataType.UINT32, 'uint32'],
  [TensorProto_DataType.UINT16, 'uint16'],
  [TensorProto_DataType.UINT8, 'uint8'],
  [TensorProto_DataType.INT4, 'int4'],
  [TensorProto_DataType.UINT4, 'uint4'],
  [TensorProto_DataType.BOOL, 'bool'],
])

function dtypeOf(type: number, name: string): DType {
  const dtype = DTYPES.get(type)
  if (dtype === undefined) throw unsupported(`\`${name}\` has element type ${type}, which is not supported`)
  return dtype
}

function decodeTensor(proto: TensorProto, readExternal: ReadExternal): Tensor {
  const dtype = dtypeOf(proto.dataType, proto.name)
  const dims = proto.dims.map(dim => {
    if (dim < 0n || !isSafe(dim)) throw invalid(`tensor \`${proto.name}\` has a dimension of ${dim}`)
    return Number(dim)
  })
  if (proto.segment !== undefined) throw unsupported(`tensor \`${proto.name}\` is segmented`)
  const expected = byteLengthOf(dtype, dims)
  if (!Number.isSafeInteger(expected)) throw invalid(`tensor \`${proto.name}\` has shape [${dims}]`)
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    return lazyTensor(dtype, dims, readExternal(externalPart(proto, expected)))
  }
  const array = proto.rawData.length > 0 ? (proto.rawData as Uint8Array<ArrayBuffer>) : typedData(proto, dtype)
  if (array.byteLength !== expected) {
    throw invalid(`tensor \`${proto.name}\` of shape [${dims}] should have ${expected} bytes, has ${array.byteLength}`)
  }
  return tensorOf(dtype, dims, array)
}

function externalPart(proto: TensorProto, expected: number): ExternalPart {
  const entries = new Map(proto.externalData.map(each => [each.key, each.value]))
  const location = entries.get('location') ?? ''
  const offset = Number(entries.get('offset') ?? 0)
  const length = Number(entries.get('length') ?? expected)
  if (length !== expected || !Number.isSafeInteger(offset) || offset < 0) {
    throw invalid(`tensor \`${proto.name}\` should have ${expected} bytes, its external data says ${length}`)
  }
  return { location, offset, length }
}

/** Values of the typed fields, which some exporters use for small tensors instead of raw bytes. */
function typedData(proto: TensorProto, dtype: DType): Exclude<Parameters<typeof tensorOf>[2], never> {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(proto.floatData)
    case 'float64':
      return Float64Array.from(proto.doubleData)
    case 'int64':
      return BigInt64Array.from(proto.int64Data)
    case 'uint64':
      return BigUint64Array.from(proto.uint64Data)
    case 'uint32':
      return Uint32Array.from(proto.uint64Data, Number)
    case 'int32':
      return Int32Array.from(proto.int32Data)
    case 'int16':
      return Int16Array.from(proto.int32Data)
    case 'uint16':
    case 'float16':
    case 'bfloat16':
      return Uint16Array.from(proto.int32Data)
    case 'int8':
      return Int8Array.from(proto.int32Data)
    default:
      return Uint8Array.from(proto.int32Data)
  }
}

function invalid(message: string): WatchwordError {
  return new WatchwordError(message, { code: 'onnx-invalid' })
}

function unsupported(message: string): WatchwordError {
  return new WatchwordError(message, { code: 'onnx-unsupported' })
}
