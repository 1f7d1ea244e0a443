/** Encodes a graph as an ONNX protobuf, with large tensors inside or in a data file. Deterministic. */

import { create, toBinary } from '@bufbuild/protobuf'
import type { Attribute, Graph, GraphNode, ValueInfo } from './graph.ts'
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  type TensorShapeProto_Dimension,
  TensorShapeProto_DimensionSchema,
  ValueInfoProtoSchema,
} from './proto/onnx_pb.ts'
import type { DType, Tensor } from './tensor.ts'

/** Position of a tensor's bytes in the data file. */
export interface Placement {
  readonly location: string
  readonly offset: number
}

/** @param placements tensors that are stored in a data file; all others go inside */
export function encodeModel(graph: Graph, placements: ReadonlyMap<string, Placement>): Uint8Array<ArrayBuffer> {
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(irVersionOf(graph)),
    producerName: 'watchword',
    opsetImport: [...graph.opsets].map(([domain, version]) => ({ domain, version: BigInt(version) })),
    metadataProps: [...graph.metadata].map(([key, value]) => ({ key, value })),
    functions: [...graph.functions],
    graph: create(GraphProtoSchema, {
      name: graph.name === '' ? 'main' : graph.name,
      input: graph.inputs.map(encodeValue),
      output: graph.outputs.map(encodeValue),
      node: graph.nodes.map(encodeNode),
      initializer: [...graph.initializers].map(([name, tensor]) => encodeTensor(name, tensor, placements.get(name))),
    }),
  })
  return toBinary(ModelProtoSchema, model)
}

/** The oldest IR version for the operator set: runtimes reject IR versions that are newer than they are. */
function irVersionOf(graph: Graph): number {
  const opset = graph.opsets.get('') ?? 0
  if (opset >= 21) return 10
  return opset >= 19 ? 9 : 8
}

function encodeValue(value: ValueInfo) {
  const dim = value.dims?.map(encodeDim)
  const tensor = { elemType: DATA_TYPES[value.dtype], ...(dim === undefined ? {} : { shape: { dim } }) }
  return create(ValueInfoProtoSchema, {
    name: value.name,
    type: { value: { case: 'tensorType', value: tensor } },
  })
}

function encodeDim(dim: number | string): TensorShapeProto_Dimension {
  return create(TensorShapeProto_DimensionSchema, {
    value: typeof dim === 'number' ? { case: 'dimValue', value: BigInt(dim) } : { case: 'dimParam', value: dim },
  })
}

function encodeNode(each: GraphNode) {
  return create(NodeProtoSchema, {
    name: each.name,
    opType: each.op,
    domain: each.domain,
    input: [...each.inputs],
    output: [...each.outputs],
    attribute: Object.entries(each.attributes).map(([name, attribute]) => encodeAttribute(name, attribute)),
  })
}

function encodeAttribute(name: string, attribute: Attribute): AttributeProto {
  switch (attribute.type) {
    case 'int':
      return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(attribute.value) })
    case 'float':
      return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: attribute.value })
    case 'string':
      return create(AttributeProtoSchema, {
        name,
        type: AttributeType.STRING,
        s: new TextEncoder().encode(attribute.value),
      })
    case 'ints':
      return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: attribute.value.map(BigInt) })
    case 'floats':
      return create(AttributeProtoSchema, { name, type: AttributeType.FLOATS, floats: [...attribute.value] })
    case 'tensor':
      return create(AttributeProtoSchema, { name, type: AttributeType.TENSOR, t: encodeTensor('', attribute.value) })
    case 'other':
      return attribute.proto
  }
}

const DATA_TYPES: Readonly<Record<DType, number>> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  bfloat16: TensorProto_DataType.BFLOAT16,
  float64: TensorProto_DataType.DOUBLE,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  int16: TensorProto_DataType.INT16,
  int8: TensorProto_DataType.INT8,
  uint64: TensorProto_DataType.UINT64,
  uint32: TensorProto_DataType.UINT32,
  uint16: TensorProto_DataType.UINT16,
  uint8: TensorProto_DataType.UINT8,
  int4: TensorProto_DataType.INT4,
  uint4: TensorProto_DataType.UINT4,
  bool: TensorProto_DataType.BOOL,
}

function encodeTensor(name: string, tensor: Tensor, placement?: Placement): TensorProto {
  const fields = { name, dataType: DATA_TYPES[tensor.dtype], dims: tensor.dims.map(BigInt) }
  if (placement === undefined) return create(TensorProtoSchema, { ...fields, rawData: tensor.read() })
  return create(TensorProtoSchema, {
    ...fields,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: placement.location },
      { key: 'offset', value: String(placement.offset) },
      { key: 'length', value: String(tensor.byteLength) },
    ],
  })
}
