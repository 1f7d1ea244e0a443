import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { create, toBinary } from '@bufbuild/protobuf'
import { Tensor } from 'onnxruntime-node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { float, type Graph, int, ints, node, string } from '../../src/onnx/graph.ts'
import { loadModel, measureFile, saveModel } from '../../src/onnx/onnxFile.ts'
import { ModelProtoSchema, TensorProto_DataLocation } from '../../src/onnx/proto/onnx_pb.ts'
import {
  floatsOf,
  floatTensor,
  halfTensor,
  int64Tensor,
  integersOf,
  lazyTensor,
  tensorOf,
} from '../../src/onnx/tensor.ts'
import { canMount, mountSmallDisk } from '../support/smallDisk.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { runFile } from './fixtures.ts'

/** y = x · w + b, [batch, 64] → [batch, 64] */
const gemm: Graph = {
  name: 'gemm',
  inputs: [{ name: 'x', dtype: 'float32', dims: ['batch', 64] }],
  outputs: [{ name: 'y', dtype: 'float32', dims: ['batch', 64] }],
  nodes: [node({ op: 'Gemm', name: 'y', inputs: ['x', 'w', 'b'], outputs: ['y'], attributes: { alpha: float(0.5) } })],
  initializers: new Map([
    [
      'w',
      floatTensor(
        [64, 64],
        Float32Array.from({ length: 4096 }, (_, i) => i % 7),
      ),
    ],
    ['b', floatTensor([64], new Float32Array(64).fill(3))],
  ]),
  opsets: new Map([['', 17]]),
  metadata: new Map([['made', 'here']]),
  functions: [],
}
const ones = new Tensor('float32', new Float32Array(64).fill(1), [1, 64])

describe.each([
  { what: 'inside', externalAboveBytes: 1e9 },
  { what: 'beside', externalAboveBytes: 0 },
])('weights $what the file', options => {
  it('come back as they were, and run', async () => {
    const path = join(temporaryFolder(), 'm.onnx')
    const saved = await saveModel(gemm, path, options)
    const back = await loadModel(path)
    expect(back.nodes).toEqual(gemm.nodes)
    expect({ ...back, nodes: 0, initializers: 0 }).toEqual({ ...gemm, nodes: 0, initializers: 0 })
    expect(floatsOf(back.initializers.get('w') ?? floatTensor([], [0]))).toEqual(
      floatsOf(gemm.initializers.get('w') ?? floatTensor([], [1])),
    )
    const [row] = await runFile(path, ones)
    expect(row?.[0]).toBe(0.5 * Array.from({ length: 64 }, (_, i) => (i * 64) % 7).reduce((a, b) => a + b) + 3)
    expect(saved).toEqual(measureFile(path))
    expect(existsSync(`${path}.data`)).toBe(options.what === 'beside')
  })

  it('are the same bytes each time', async () => {
    const dir = temporaryFolder()
    const first = await saveModel(gemm, join(dir, 'm.onnx'), options)
    expect(await saveModel(await loadModel(join(dir, 'm.onnx')), join(dir, 'm.onnx'), options)).toEqual(first)
  })
})

it('removes the data file of an earlier, larger model', async () => {
  const path = join(temporaryFolder(), 'm.onnx')
  await saveModel(gemm, path, { externalAboveBytes: 0 })
  await saveModel(gemm, path)
  expect(existsSync(`${path}.data`)).toBe(false)
})

it('keeps attributes and element types of all kinds', async () => {
  const path = join(temporaryFolder(), 'm.onnx')
  const graph: Graph = {
    ...gemm,
    nodes: [
      node({
        op: 'Anything',
        name: 'n',
        domain: 'com.example',
        inputs: ['x', '', 'h'],
        outputs: ['y'],
        attributes: {
          i: int(-5),
          f: float(0.25),
          s: string('ü'),
          is: ints(1, -1),
          fs: { type: 'floats', value: [0.5] },
          t: { type: 'tensor', value: int64Tensor([2], [7, -8]) },
        },
      }),
    ],
    initializers: new Map([
      ['h', halfTensor([2], Float32Array.of(1.5, -2))],
      ['q', tensorOf('int4', [3], Uint8Array.of(0x21, 0x03))],
      ['z', int64Tensor([], [2 ** 40])],
      ['u', tensorOf('uint8', [0], new Uint8Array())],
    ]),
  }
  await saveModel(graph, path)
  const back = await loadModel(path)
  const attributes = back.nodes[0]?.attributes ?? {}
  expect({ ...attributes, t: 0 }).toEqual({ ...graph.nodes[0]?.attributes, t: 0 })
  expect(attributes.t?.type === 'tensor' && integersOf(attributes.t.value)).toEqual([7, -8])
  expect([...back.initializers].map(([name, { dtype, dims }]) => [name, dtype, dims])).toEqual([
    ['h', 'float16', [2]],
    ['q', 'int4', [3]],
    ['z', 'int64', []],
    ['u', 'uint8', [0]],
  ])
  expect(back.nodes[0]?.inputs).toEqual(['x', '', 'h'])
})

it('reads values from the typed fields that other exporters use', async () => {
  const path = join(temporaryFolder(), 'm.onnx')
  const tensors = [
    { name: 'f', dataType: 1, dims: [2n], floatData: [1.5, -2] },
    { name: 'h', dataType: 10, dims: [1n], int32Data: [0x3c00] },
    { name: 'i', dataType: 7, dims: [1n], int64Data: [-9n] },
    { name: 'c', dataType: 3, dims: [2n], int32Data: [-1, 127] },
  ]
  const output = [{ name: 'y', type: { value: { case: 'tensorType' as const, value: { elemType: 1 } } } }]
  writeFileSync(path, toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph: { initializer: tensors, output } })))
  const { initializers } = await loadModel(path)
  const of = (name: string) => initializers.get(name) ?? floatTensor([], [0])
  expect([...floatsOf(of('f')), ...floatsOf(of('h'))]).toEqual([1.5, -2, 1])
  expect([...integersOf(of('i')), ...integersOf(of('c'))]).toEqual([-9, -1, 127])
})

describe('what cannot be read', () => {
  const write = (content: Uint8Array | string) => {
    const path = join(temporaryFolder(), 'm.onnx')
    writeFileSync(path, content)
    return path
  }
  const external = (location: string, offset = '0') => {
    const entries = { location, offset, length: '16' }
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }))
    const tensor = { name: 'w', dataType: 1, dims: [4n], dataLocation: TensorProto_DataLocation.EXTERNAL, externalData }
    const output = [{ name: 'y', type: { value: { case: 'tensorType' as const, value: { elemType: 1 } } } }]
    return toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph: { initializer: [tensor], output } }))
  }

  it('data behind a link to the outside of the directory', async () => {
    const path = write(external('m.data'))
    symlinkSync('/etc/passwd', join(dirname(path), 'm.data'))
    await expect(loadModel(path)).rejects.toMatchObject({ code: 'onnx-invalid', message: /outside the model's/ })
  })

  it('but links into one folder, as caches make them, are followed', async () => {
    const [blobs, folder] = [temporaryFolder(), temporaryFolder()]
    writeFileSync(join(blobs, 'a'), external('m.data'))
    writeFileSync(join(blobs, 'b'), new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer))
    symlinkSync(join(blobs, 'a'), join(folder, 'm.onnx'))
    symlinkSync(join(blobs, 'b'), join(folder, 'm.data'))
    const weight = (await loadModel(join(folder, 'm.onnx'))).initializers.get('w')
    expect([...floatsOf(weight ?? floatTensor([], [0]))]).toEqual([1, 2, 3, 4])
  })

  it.each([
    ['a file that is not there', () => join(temporaryFolder(), 'none.onnx'), 'file-unreadable', /no such file/],
    ['an empty file', () => write(''), 'onnx-invalid', /contains no graph/],
    ['a web page', () => write('<html>'), 'onnx-invalid', /as an ONNX model/],
    ['data outside the directory', () => write(external('../../etc/passwd')), 'onnx-invalid', /outside the model's/],
    ['data at an absolute path', () => write(external('/etc/passwd')), 'onnx-invalid', /outside the model's/],
    ['data under a name of two lines', () => write(external('m.\ndata')), 'onnx-invalid', /outside the model's/],
    ['data that is not there', () => write(external('m.data')), 'file-unreadable', /m\.data: no such file/],
    ['data before its file', () => write(external('m.data', '-4')), 'onnx-invalid', /external data/],
  ])('%s', async (_, make, code, message) => {
    await expect(loadModel(make())).rejects.toMatchObject({
      name: 'WatchwordError',
      code,
      message: expect.stringMatching(message),
    })
  })

  it('data that was cut', async () => {
    const path = join(temporaryFolder(), 'm.onnx')
    await saveModel(gemm, path, { externalAboveBytes: 0 })
    truncateSync(`${path}.data`, 1000)
    await expect(loadModel(path)).rejects.toMatchObject({ code: 'file-truncated' })
  })
})

describe('a full disk', () => {
  it.skipIf(!canMount).each([{ externalAboveBytes: 1e9 }, { externalAboveBytes: 0 }])(
    'leaves the older model, no part: %o',
    async options => {
      const disk = mountSmallDisk(1)
      onTestFinished(disk.remove)
      const path = join(disk.path, 'm.onnx')
      await saveModel(gemm, path, options)
      const before = readFileSync(path)
      disk.fill()
      const other = { ...gemm, metadata: new Map([['made', 'later']]) }
      await expect(saveModel(other, path, options)).rejects.toMatchObject({
        code: 'disk-full',
        message: expect.stringMatching(/^Cannot write .*m\.onnx(\.data)?: the disk is full$/),
      })
      expect(readFileSync(path)).toEqual(before)
      expect(readdirSync(join(path, '..')).filter(file => file.endsWith('.part'))).toEqual([])
    },
  )

  it('differs from a missing folder', async () => {
    const path = join(temporaryFolder(), 'none', 'm.onnx')
    await expect(saveModel(gemm, path)).rejects.toMatchObject({ code: 'unwritable' })
  })

  it('and from an unreadable weight', async () => {
    const path = join(temporaryFolder(), 'm.onnx')
    const broken = lazyTensor('float32', [64, 64], () => {
      throw new Error('gone')
    })
    await expect(saveModel({ ...gemm, initializers: new Map([['w', broken]]) }, path)).rejects.toThrow('gone')
    expect(readdirSync(join(path, '..'))).toEqual([])
  })
})

it('aligns large weights to pages, so that runtimes can map them', async () => {
  const path = join(temporaryFolder(), 'm.onnx')
  const initializers = new Map([
    ['w', floatTensor([64, 65], new Float32Array(64 * 65))],
    ['v', floatTensor([64, 64], new Float32Array(4096).fill(1))],
  ])
  await saveModel({ ...gemm, initializers }, path, { externalAboveBytes: 0 })
  expect(statSync(`${path}.data`).size).toBe(20480 + 16384)
})
