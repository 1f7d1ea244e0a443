import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeWritable, writeFiles } from '../../src/commands/writeFiles.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'watchword-files-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('makes the folder, replaces what stood there, leaves nothing else', async () => {
  const inner = join(dir, 'a/b')
  await writeFiles(inner, { 'one.txt': '1', 'two.bin': Uint8Array.of(2) })
  await writeFiles(inner, { 'one.txt': 'anew' })
  expect(readFileSync(join(inner, 'one.txt'), 'utf8')).toBe('anew')
  expect(readdirSync(inner).sort()).toEqual(['one.txt', 'two.bin'])
})

test('one that can not be written keeps all the others back', async () => {
  writeFileSync(join(dir, 'one.txt'), 'before')
  mkdirSync(join(dir, 'two.txt.part'))
  await expect(writeFiles(dir, { 'one.txt': 'after', 'two.txt': '2' })).rejects.toMatchObject({
    code: 'unwritable',
    message: expect.stringContaining(join(dir, 'two.txt')),
  })
  expect(readFileSync(join(dir, 'one.txt'), 'utf8')).toBe('before')
  expect(existsSync(join(dir, 'one.txt.part'))).toBe(false)
})

test('a file in the way of the folder is told before anything is done', async () => {
  writeFileSync(join(dir, 'file'), '')
  await expect(makeWritable(join(dir, 'file'))).rejects.toMatchObject({ code: 'unwritable' })
  await expect(makeWritable(join(dir, 'file/inner'))).rejects.toThrow(/a part of the path is a file/)
})
