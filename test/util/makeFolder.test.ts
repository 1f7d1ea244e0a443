import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeFolder } from '../../src/util/makeFolder.ts'

const dir = mkdtempSync(join(tmpdir(), 'watchword-folder-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('makes all that is missing, by several at once, and leaves what is there', async () => {
  const path = join(dir, 'a', 'b', 'c')
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(path)))
  writeFileSync(join(path, 'kept'), '')
  await makeFolder(path)
  expect(statSync(join(path, 'kept')).isFile()).toBe(true)
})

test('a file on the way is told, not replaced', async () => {
  writeFileSync(join(dir, 'file'), 'x')
  await expect(makeFolder(join(dir, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolder(join(dir, 'file', 'below', 'it'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test.skipIf(process.platform !== 'linux')('ends where no folder can ever be made', async () => {
  await expect(makeFolder('/proc/watchword/below')).rejects.toMatchObject({ code: 'ENOENT' })
})
