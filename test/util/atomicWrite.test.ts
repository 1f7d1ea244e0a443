import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { atomicWrite, replaceFiles } from '../../src/util/atomicWrite.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const umask = process.umask()
afterEach(() => {
  process.umask(umask)
})
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

test('an older file stays until the new one is complete, and nothing else is left', async () => {
  const dir = temporaryFolder()
  const paths = [join(dir, 'a'), join(dir, 'b')]
  writeFileSync(join(dir, 'a'), 'old')
  const failing = replaceFiles(paths, async ([append]) => {
    await append?.(Buffer.from('half'))
    expect(readFileSync(join(dir, 'a'), 'utf8')).toBe('old')
    throw new Error('no more')
  })
  await expect(failing).rejects.toThrow('no more')
  expect(readdirSync(dir)).toEqual(['a'])
  await atomicWrite(join(dir, 'a'), 'new')
  expect(readFileSync(join(dir, 'a'), 'utf8')).toBe('new')
  expect(readdirSync(dir)).toEqual(['a'])
})

test('two that write one path at the same time: the content is that of one of them', async () => {
  const path = join(temporaryFolder(), 'x')
  const contents = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(100_000))
  await Promise.all(contents.map(each => atomicWrite(path, each)))
  expect(contents).toContain(readFileSync(path, 'utf8'))
})

test('what a killed sole writer left is overwritten', async () => {
  const dir = temporaryFolder()
  writeFileSync(join(dir, 'x.part'), 'half, and longer than the rest')
  chmodSync(join(dir, 'x.part'), 0o644)
  await atomicWrite(join(dir, 'x'), 'all', { soleWriter: true, isPrivate: true })
  expect(readdirSync(dir)).toEqual(['x'])
  expect(readFileSync(join(dir, 'x'), 'utf8')).toBe('all')
  expect(modeOf(join(dir, 'x'))).toBe('600')
})

describe('the mode', () => {
  test.each([0o000, 0o022, 0o077, 0o777])('umask %i: private is 0600', async mask => {
    const path = join(temporaryFolder(), 'x')
    process.umask(mask)
    await atomicWrite(path, 'x', { isPrivate: true })
    expect(modeOf(path)).toBe('600')
  })

  test('by default a file is as private as its folder', async () => {
    const dir = temporaryFolder()
    process.umask(0o022)
    for (const [name, mode] of [
      ['private', 0o700],
      ['shared', 0o755],
    ] as const) {
      mkdirSync(join(dir, name))
      chmodSync(join(dir, name), mode)
      await atomicWrite(join(dir, name, 'x'), 'x')
    }
    expect([modeOf(join(dir, 'private/x')), modeOf(join(dir, 'shared/x'))]).toEqual(['600', '644'])
  })
})

describe('one text for what cannot be written', () => {
  test.skipIf(!existsSync('/dev/full'))('a full disk', async () => {
    const path = join(temporaryFolder(), 'x')
    symlinkSync('/dev/full', `${path}.part`)
    await expect(atomicWrite(path, 'x', { soleWriter: true, isPrivate: false })).rejects.toMatchObject({
      code: 'disk-full',
      message: `Cannot write ${path}: the disk is full`,
      hint: 'Free some space, or choose another directory',
    })
  })

  test.each([
    ['no/x', 'there is no such folder'],
    ['file/x', 'a part of the path is a file'],
    ['folder', 'there is a folder of that name'],
    ['y'.repeat(300), 'the name is too long'],
  ])('%s: %s', async (name, reason) => {
    const dir = temporaryFolder()
    writeFileSync(join(dir, 'file'), '')
    mkdirSync(join(dir, 'folder'))
    const path = join(dir, name)
    await expect(atomicWrite(path, 'x')).rejects.toMatchObject({
      code: 'unwritable',
      message: `Cannot write ${path}: ${reason}`,
      hint: expect.stringContaining('Check that '),
    })
  })
})
