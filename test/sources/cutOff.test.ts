import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isCutOff } from '../../src/sources/cutOff.ts'

const dir = mkdtempSync(join(tmpdir(), 'watchword-cut-'))
afterAll(() => rmSync(dir, { recursive: true }))

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
