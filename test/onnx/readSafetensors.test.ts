import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openTensor, readSafetensors, type StoredTensor } from '../../src/onnx/readSafetensors.ts'
import { floatsOf } from '../../src/onnx/tensor.ts'
import { messageOf } from '../../src/util/errors.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

interface Entry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly number[]
}

function write(header: Readonly<Record<string, unknown>> | string | Buffer, data = new Uint8Array(16)): string {
  const text = Buffer.isBuffer(header)
    ? header
    : Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer)
  const path = join(temporaryFolder(), 'model.safetensors')
  writeFileSync(path, Buffer.concat([length, text, data]))
  return path
}

const f32 = (begin: number, end: number): Entry => ({
  dtype: 'F32',
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
})
const stored = (path: string, name: string) => readSafetensors(path).get(name) as StoredTensor

it('reads F32, F16 and BF16 by range', () => {
  const data = Buffer.concat([
    new Uint8Array(Float32Array.of(1.5, -2).buffer),
    new Uint8Array(Uint16Array.of(0x3c00, 0xc000).buffer),
    new Uint8Array(Uint16Array.of(0x3f80, 0x4040).buffer),
  ])
  const path = write(
    {
      __metadata__: { format: 'pt' },
      full: f32(0, 8),
      half: { dtype: 'F16', shape: [1, 2], data_offsets: [8, 12] },
      brain: { dtype: 'BF16', shape: [2, 1], data_offsets: [12, 16] },
    },
    data,
  )
  expect([...readSafetensors(path).keys()]).toEqual(['full', 'half', 'brain'])
  const read = (name: string) => openTensor(name, stored(path, name))
  expect([...floatsOf(read('full'))]).toEqual([1.5, -2])
  expect(read('half')).toMatchObject({ dtype: 'float16', dims: [1, 2] })
  expect([...floatsOf(read('half'))]).toEqual([1, -2])
  expect([...floatsOf(read('brain'))]).toEqual([1, 3])
})

it('accepts tensors in any order of the header, and empty ones', () => {
  const empty = { dtype: 'F32', shape: [0], data_offsets: [8, 8] }
  expect(readSafetensors(write({ b: f32(8, 16), empty, a: f32(0, 8) })).size).toBe(3)
})

it.each(['I64', 'constructor'])('rejects a tensor of the type %s only when it is read', dtype => {
  const path = write({ ids: { dtype, shape: [2], data_offsets: [0, 16] } })
  expect(() => openTensor('ids', stored(path, 'ids'))).toThrow(
    `Expected \`ids\` to be F32, F16 or BF16 in ${path}, got "${dtype}"`,
  )
})

describe('a file that is none', () => {
  const text = (content: string) => {
    const path = join(temporaryFolder(), 'model.safetensors')
    writeFileSync(path, content)
    return path
  }
  it.each([
    ['missing', () => join(temporaryFolder(), 'none'), 'file-unreadable', /no such file/],
    ['empty', () => text(''), 'safetensors-truncated', /expected 8 bytes, got 0/],
    ['a PyTorch archive', () => text('PK\x03\x04 and much more'), 'safetensors-invalid', /PyTorch archive/],
    ['a Git LFS pointer', () => text('version https://git-lfs'), 'safetensors-invalid', /Git LFS pointer/],
    ['a web page', () => text('<!doctype html>'), 'safetensors-invalid', /web page/],
    ['zeros', () => text('\0'.repeat(64)), 'safetensors-invalid', /does not begin with a header/],
    ['not JSON', () => write('{"a":'), 'safetensors-invalid', /header is not JSON/],
    ['not UTF-8', () => write(Buffer.from('{"\xff":{}}', 'latin1')), 'safetensors-invalid', /not JSON in UTF-8/],
    [
      'an entry without shape',
      () => write({ a: { dtype: 'F32', data_offsets: [0, 16] } }),
      'safetensors-invalid',
      /`a`/,
    ],
    ['an entry that is null', () => write({ a: null }), 'safetensors-invalid', /`a` lacks/],
    [
      'a fraction as offset',
      () => write({ a: { ...f32(0, 16), data_offsets: [0.5, 16] } }),
      'safetensors-invalid',
      /`a`/,
    ],
    [
      'offsets the wrong way round',
      () => write({ a: { ...f32(0, 16), data_offsets: [16, 0] } }),
      'safetensors-invalid',
      /-16/,
    ],
    [
      'a shape that does not fit',
      () => write({ a: { ...f32(0, 16), shape: [5] } }),
      'safetensors-invalid',
      /20 bytes, has 16/,
    ],
    ['overlapping tensors', () => write({ a: f32(0, 12), b: f32(8, 16) }), 'safetensors-invalid', /`b` overlaps/],
    ['a hole', () => write({ a: f32(0, 4), b: f32(8, 16) }), 'safetensors-invalid', /4 bytes before `b`/],
    ['bytes at the end', () => write({ a: f32(0, 8) }), 'safetensors-invalid', /8 bytes at its end/],
  ])('%s', (_, make, code, message) => {
    const path = make()
    expect(() => readSafetensors(path)).toThrow(
      expect.objectContaining({ name: 'WatchwordError', code, message: expect.stringMatching(message) }),
    )
  })

  it.each([4, 30, 70])('cut after %i bytes', bytes => {
    const path = write({ a: f32(0, 16) })
    truncateSync(path, bytes)
    expect(() => readSafetensors(path)).toThrow(expect.objectContaining({ code: 'safetensors-truncated' }))
  })
})

describe('text of a damaged header is cut before it is quoted', () => {
  const long = 'n'.repeat(2_000_000)
  it.each<[string, Record<string, unknown>]>([
    ['a name', { [long]: { dtype: 'F32' } }],
    ['a shape', { a: { dtype: 'F32', shape: Array(500_000).fill(1), data_offsets: [0, 15] } }],
    ['names that overlap', { [long]: f32(0, 16), b: f32(0, 16) }],
  ])('%s of 2 MB', (_, header) => {
    const message = messageOf(thrownBy(() => readSafetensors(write(header))))
    expect(message).toContain('is not a valid safetensors file')
    expect(message.length).toBeLessThan(1000)
  })

  it('a dtype of 2 MB', () => {
    const path = write({ a: { dtype: long, shape: [4], data_offsets: [0, 16] } })
    const message = messageOf(thrownBy(() => openTensor('a', stored(path, 'a'))))
    expect(message).toContain('Expected `a` to be F32')
    expect(message.length).toBeLessThan(1000)
  })

  it('lists nested millions deep are refused without being parsed', () => {
    const header = `{"a":${'['.repeat(4_000_000)}${']'.repeat(4_000_000)}}`
    expect(() => readSafetensors(write(header))).toThrow('nested too deeply')
    expect(readSafetensors(write({ '[[[[[[[[[["{{': f32(0, 16) })).size).toBe(1)
  })
})

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('Expected it to throw')
}
