import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { makeFolder } from '../../src/util/makeFolder.ts'
import { sharedFolder } from '../support/temporaryFolder.ts'

vi.mock('node:fs/promises', { spy: true })

const dir = sharedFolder()

test('makes missing parents, also for several callers at once, and keeps the content of an existing folder', async () => {
  const path = join(dir, 'a', 'b', 'c')
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(path)))
  writeFileSync(join(path, 'kept'), '')
  await makeFolder(path)
  expect(statSync(join(path, 'kept')).isFile()).toBe(true)
})

test('a parent that appears between the attempt and the check is no failure', async () => {
  vi.mocked(mkdir).mockImplementationOnce(async () => {
    mkdirSync(join(dir, 'late'))
    throw Object.assign(new Error('no such file or directory'), { code: 'ENOENT' })
  })
  await makeFolder(join(dir, 'late', 'folder'))
  expect(statSync(join(dir, 'late', 'folder')).isDirectory()).toBe(true)
})

test('a file in the way is reported and not replaced', async () => {
  writeFileSync(join(dir, 'file'), 'x')
  await expect(makeFolder(join(dir, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolder(join(dir, 'file', 'below', 'it'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test.skipIf(process.platform !== 'linux')('fails where no folder can be made', async () => {
  await expect(makeFolder('/proc/watchword/below')).rejects.toMatchObject({ code: 'ENOENT' })
})
