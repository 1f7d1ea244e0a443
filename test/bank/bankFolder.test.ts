import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bankFolder, type SetAside } from '../../src/bank/bankFolder.ts'
import { EMPTY_RESERVOIR, insert } from '../../src/bank/reservoir.ts'
import type { StoredBank } from '../../src/bank/storedBank.ts'
import { bankEntry, DIM } from '../support/embeddings.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const MODEL = { sha256: 'ab'.repeat(32), variant: 'int8', dim: DIM }
const RESERVOIR = [bankEntry(0), bankEntry(5000, 'night', ['car'])].reduce(insert, EMPTY_RESERVOIR)
const bankOf = (camera: string, rest: Partial<StoredBank> = {}): StoredBank => ({
  ...MODEL,
  camera,
  reservoir: RESERVOIR,
  ...rest,
})
const FILE = 'front.abababababab.int8.bank'

function setUp() {
  const dataDir = temporaryFolder()
  const folder = bankFolder(dataDir)
  const setAside: SetAside[] = []
  const path = join(dataDir, 'banks', FILE)
  const read = (camera = 'front') => folder.read(camera, MODEL, file => setAside.push(file))
  const files = () => readdirSync(join(dataDir, 'banks'))
  return { dataDir, folder, setAside, path, read, files }
}

function replaceByFolder(path: string): void {
  renameSync(path, `${path}.old`)
  mkdirSync(path)
}

test('a bank is read as it was written; its file and folder are for their owner only', async () => {
  const { folder, read, path, dataDir, setAside } = setUp()
  expect(await read()).toBeNull()
  await folder.write(bankOf('front'))
  expect(await read()).toEqual(bankOf('front'))
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(dataDir, 'banks')).mode & 0o777).toBe(0o700)
  expect(setAside).toEqual([])
})

test('each camera, model and variant has a file of its own', async () => {
  const { folder, read, files } = setUp()
  await folder.write(bankOf('front', { variant: 'fp32', reservoir: EMPTY_RESERVOIR }))
  await folder.write(bankOf('front', { sha256: 'cd'.repeat(32), reservoir: EMPTY_RESERVOIR }))
  await folder.write(bankOf('front'))
  await folder.write(bankOf('front-2'))
  expect(files()).toHaveLength(4)
  expect(await read()).toEqual(bankOf('front'))
  expect((await folder.list()).map(({ bank }) => (typeof bank === 'string' ? bank : bank.camera))).toEqual([
    'front-2',
    'front',
    'front',
    'front',
  ])
})

describe('a file that cannot be used is set aside once, and learning begins again', () => {
  const breaks: readonly [string, (path: string) => void, RegExp][] = [
    ['cut short', path => truncateSync(path, statSync(path).size - 100), /cut short/],
    ['empty', path => truncateSync(path, 0), /cut short/],
    ['of another program', path => writeFileSync(path, 'x'.repeat(500)), /no bank file/],
    ['of another version', path => writeFileSync(path, readFileSync(path).with(8, 9)), /version 9/],
    ['unreadable', replaceByFolder, /cannot be read/],
    ['huge', path => truncateSync(path, 2 ** 40), /more than any bank/],
  ]
  test.each(breaks)('%s', async (_, spoil, reason) => {
    const { folder, read, path, setAside } = setUp()
    await folder.write(bankOf('front'))
    spoil(path)
    expect(await read()).toBeNull()
    expect(setAside).toEqual([{ path, reason: expect.stringMatching(reason) }])
    expect(existsSync(path)).toBe(false)
    expect(existsSync(`${path}.broken`)).toBe(true)
    expect(await read()).toBeNull()
    expect(setAside).toHaveLength(1)
    await folder.write(bankOf('front'))
    expect(await read()).toEqual(bankOf('front'))
  })

  test.each([
    ['model', { sha256: 'abababababab'.padEnd(64, 'c') }, /another model/],
    ['variant', { variant: 'fp32' }, /another model or variant/],
    ['length of vectors', { dim: DIM / 2, reservoir: EMPTY_RESERVOIR }, /16 numbers instead of 32/],
  ])('of another %s under this name', async (_, rest, reason) => {
    const { folder, read, path, files, dataDir, setAside } = setUp()
    await folder.write(bankOf('front', rest))
    const [name] = files()
    renameSync(join(dataDir, 'banks', name ?? ''), path)
    expect(await read()).toBeNull()
    expect(setAside).toEqual([{ path, reason: expect.stringMatching(reason) }])
  })

  test('also where nothing may be written', async () => {
    const { folder, read, path, dataDir, setAside } = setUp()
    await folder.write(bankOf('front'))
    truncateSync(path, 10)
    chmodSync(join(dataDir, 'banks'), 0o500)
    expect(await read()).toBeNull()
    expect(setAside).toHaveLength(1)
    chmodSync(join(dataDir, 'banks'), 0o700)
  })
})

test('a killed write leaves the older file', async () => {
  const { folder, read, path } = setUp()
  await folder.write(bankOf('front'))
  writeFileSync(`${path}.part`, 'half of a newer one')
  expect(await read()).toEqual(bankOf('front'))
  await folder.write(bankOf('front', { reservoir: EMPTY_RESERVOIR }))
  expect((await read())?.reservoir).toEqual(EMPTY_RESERVOIR)
})

test('remove deletes the files of one camera or of all, also those that were set aside', async () => {
  const { folder, path, files } = setUp()
  expect(await folder.remove(null)).toBe(0)
  await folder.write(bankOf('front'))
  await folder.write(bankOf('front', { variant: 'fp32' }))
  await folder.write(bankOf('front-2'))
  writeFileSync(`${path}.broken`, '')
  expect(await folder.remove('front')).toBe(3)
  expect(files()).toEqual(['front-2.abababababab.int8.bank'])
  expect(await folder.remove(null)).toBe(1)
  expect(files()).toEqual([])
})

test('requests wait until they are settled', async () => {
  const { folder } = setUp()
  expect(await folder.requests()).toEqual([])
  await folder.request('front')
  await folder.request(null)
  expect(await folder.requests()).toEqual([null, 'front'])
  await folder.settle('front')
  await folder.settle(null)
  expect(await folder.requests()).toEqual([])
})
