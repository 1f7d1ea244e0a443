import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { makeWritable, writeFiles } from '../../src/commands/writeFiles.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

let dir: string
beforeEach(() => {
  dir = temporaryFolder()
})

test('makes the folder, replaces existing files, leaves nothing else', async () => {
  const inner = join(dir, 'a/b')
  await writeFiles(inner, { 'one.txt': '1', 'two.bin': Uint8Array.of(2) })
  await writeFiles(inner, { 'one.txt': 'again' })
  expect(readFileSync(join(inner, 'one.txt'), 'utf8')).toBe('again')
  expect(readdirSync(inner).sort()).toEqual(['one.txt', 'two.bin'])
})

test('one file that cannot be written prevents all the others', async () => {
  writeFileSync(join(dir, 'one.txt'), 'before')
  const long = 'x'.repeat(300)
  await expect(writeFiles(dir, { 'one.txt': 'after', [long]: '2' })).rejects.toMatchObject({
    code: 'unwritable',
    message: `Cannot write ${join(dir, long)}: the name is too long`,
  })
  expect(readFileSync(join(dir, 'one.txt'), 'utf8')).toBe('before')
  expect(readdirSync(dir)).toEqual(['one.txt'])
})

test('the umask decides who may read the results', async () => {
  const before = process.umask(0o027)
  try {
    await writeFiles(dir, { 'one.txt': '1' })
  } finally {
    process.umask(before)
  }
  expect(statSync(join(dir, 'one.txt')).mode & 0o777).toBe(0o640)
})

test('a file in the way of the folder is reported before anything is done', async () => {
  writeFileSync(join(dir, 'file'), '')
  await expect(makeWritable(join(dir, 'file'))).rejects.toMatchObject({ code: 'unwritable' })
  await expect(makeWritable(join(dir, 'file/inner'))).rejects.toThrow(/a part of the path is a file/)
})
