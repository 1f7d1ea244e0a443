import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findTruncation } from '../../src/sources/findTruncation.ts'
import { sharedFolder } from '../support/temporaryFolder.ts'

const isCutOff = async (path: string) => (await findTruncation(path)) !== null

const dir = sharedFolder()

function written(content: Uint8Array): string {
  const path = join(dir, 'file.mp4')
  writeFileSync(path, content)
  return path
}

function box(type: string, size: number, content = 0): Buffer {
  const bytes = Buffer.alloc(8 + content)
  bytes.writeUInt32BE(size)
  bytes.write(type, 4, 'latin1')
  return bytes
}

test('a whole MP4 is whole, and cut anywhere in its data it is not', async () => {
  const whole = await readFile('test/fixtures/video/car.mp4')
  expect(await isCutOff(written(whole))).toBe(false)
  for (const length of [whole.length - 1, 1_500_000, 100_000])
    expect(await isCutOff(written(whole.subarray(0, length)))).toBe(true)
})

test('a last box that runs to the end of the file can not be cut', async () => {
  expect(await isCutOff(written(Buffer.concat([box('ftyp', 8), box('mdat', 0, 50)])))).toBe(false)
})

test('sizes of eight bytes are read', async () => {
  const large = Buffer.concat([box('mdat', 1, 8), Buffer.alloc(100)])
  large.writeBigUInt64BE(1000n, 8)
  expect(await isCutOff(written(Buffer.concat([box('ftyp', 8), large])))).toBe(true)
  large.writeBigUInt64BE(116n, 8)
  expect(await isCutOff(written(Buffer.concat([box('ftyp', 8), large])))).toBe(false)
})

test('what is no MP4, or nothing at all, is not called cut off', async () => {
  expect(await isCutOff(written(Buffer.from('hello'.repeat(20))))).toBe(false)
  expect(await isCutOff(written(Buffer.alloc(0)))).toBe(false)
  expect(await isCutOff(written(Buffer.concat([box('ftyp', 8), box('free', 3)])))).toBe(false)
})

function chunk(id: string, list: string | null, content: Buffer, size = content.length + (list ? 4 : 0)): Buffer {
  const header = Buffer.alloc(list ? 12 : 8)
  header.write(id, 0, 'latin1')
  header.writeUInt32LE(size, 4)
  if (list) header.write(list, 8, 'latin1')
  return Buffer.concat([header, content])
}
const avi = (frames: Buffer) =>
  chunk(
    'RIFF',
    'AVI ',
    Buffer.concat([chunk('LIST', 'hdrl', Buffer.alloc(50)), frames, chunk('idx1', null, Buffer.alloc(16))]),
  )

test('an AVI is cut where its list of frames is', async () => {
  const whole = avi(chunk('LIST', 'movi', Buffer.alloc(1000)))
  expect(await findTruncation(written(whole))).toBeNull()
  expect(await findTruncation(written(whole.subarray(0, 600)))).toEqual({ expected: whole.length, actual: 600 })
  // Without its index alone it has all its frames.
  expect(await findTruncation(written(whole.subarray(0, -20)))).toBeNull()
})

test('an AVI over 1 GB goes on in another chunk', async () => {
  const more = chunk('RIFF', 'AVIX', chunk('LIST', 'movi', Buffer.alloc(500)))
  const whole = Buffer.concat([avi(chunk('LIST', 'movi', Buffer.alloc(1000))), more])
  expect(await findTruncation(written(whole))).toBeNull()
  expect(await findTruncation(written(whole.subarray(0, -100)))).toEqual({
    expected: whole.length,
    actual: whole.length - 100,
  })
})

test.each([0, 0x7fffffff, 0xffffffff])('an AVI that was never finished, of size %i, says nothing', async size => {
  const frames = chunk('LIST', 'movi', Buffer.alloc(100), size)
  expect(await findTruncation(written(chunk('RIFF', 'AVI ', frames, size)))).toBeNull()
  expect(await findTruncation(written(chunk('RIFF', 'AVI ', frames, 5000)))).toBeNull()
})

test.each([
  ['known', Buffer.from('1000000000000400', 'hex').fill(0x01, 0, 1), { expected: 1041, actual: 77 }],
  ['unknown', Buffer.from('01ffffffffffffff', 'hex'), null],
  ['short and whole', Buffer.from('bc', 'hex'), null],
])('Matroska with a segment of %s size', async (_name, size, expected) => {
  const header = Buffer.from('1a45dfa384aabbccdd', 'hex')
  const file = Buffer.concat([header, Buffer.from('18538067', 'hex'), size])
  const whole = Buffer.concat([file, Buffer.alloc(77 - file.length)])
  expect(await findTruncation(written(whole))).toEqual(
    expected === null ? null : { ...expected, expected: file.length + 0x400 },
  )
})
