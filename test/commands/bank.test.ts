import { existsSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, test, vi } from 'vitest'
import { bankFolder } from '../../src/bank/bankFolder.ts'
import { EMPTY_RESERVOIR, insert } from '../../src/bank/reservoir.ts'
import { register } from '../../src/commands/bank.ts'
import { lockDirectory } from '../../src/util/lockDirectory.ts'
import { bankEntry, DIM } from '../support/embeddings.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

async function setUp() {
  const dataDir = temporaryFolder()
  const folder = bankFolder(dataDir)
  const reservoir = [bankEntry(60_000), bankEntry(0, 'infrared')].reduce(insert, EMPTY_RESERVOIR)
  for (const camera of ['front', 'back'])
    await folder.write({ camera, sha256: 'ab'.repeat(32), variant: 'int8', dim: DIM, reservoir })
  const bank = async (...args: string[]) => {
    let out = ''
    const program = new Command('watchword').exitOverride()
    register(program, { stdout: { write: text => (out += text) }, env: { WATCHWORD_DATA: dataDir } })
    await program.parseAsync(['bank', ...args], { from: 'user' })
    return out
  }
  const cameras = async () => JSON.parse(await bank('list', '--json')).map((one: { camera: string }) => one.camera)
  return { dataDir, folder, bank, cameras }
}

describe('list', () => {
  test('shows the banks; without a name, too', async () => {
    const { bank } = await setUp()
    const text = await bank()
    expect(text).toMatch(/front +1 +0 +1 +1970-01-01 00:01:00 +int8 +abababababab/)
    expect(await bank('list')).toBe(text)
    expect(JSON.parse(await bank('list', '--json'))[0]).toMatchObject({
      camera: 'back',
      images: { day: 1, night: 0, infrared: 1 },
      oldest: 0,
      newest: 60,
    })
  })

  test('names what is wrong with a damaged one', async () => {
    const { bank, dataDir } = await setUp()
    truncateSync(join(dataDir, 'banks', 'front.abababababab.int8.bank'), 30)
    expect(await bank()).toMatch(/front .*it is cut short/)
    expect(JSON.parse(await bank('list', '--json'))[1]).toMatchObject({ camera: 'front', problem: expect.anything() })
  })

  test('says when there is none', async () => {
    const { bank } = await setUp()
    expect(await bank('list', '--data-dir', temporaryFolder())).toMatch(/^There is no bank yet/)
    expect(JSON.parse(await bank('list', '--json', '--data-dir', temporaryFolder()))).toEqual([])
  })
})

describe('clear', () => {
  test('deletes the files of one camera or of all while nothing runs', async () => {
    const { bank, cameras, folder } = await setUp()
    expect(await bank('clear', 'front')).toBe('Cleared the bank of front: 1 file\n')
    expect(await cameras()).toEqual(['back'])
    expect(JSON.parse(await bank('clear', '--json'))).toEqual({ camera: null, running: false, files: 1 })
    expect(await bank('clear')).toMatch(/^There is nothing to clear/)
    expect(await folder.requests()).toEqual([])
  })

  test('asks a Watchword that runs, and waits until it has done it', async () => {
    const { bank, dataDir, folder, cameras } = await setUp()
    const lock = await lockDirectory(dataDir)
    const cleared = bank('clear', 'front')
    await vi.waitFor(async () => expect(await folder.requests()).toEqual(['front']))
    expect(await cameras()).toHaveLength(2)
    await folder.settle('front')
    expect(await cleared).toBe('The running Watchword cleared the bank of front\n')
    await lock?.release()
  })

  test.each(['../front', 'a.b', '', '_all'])('refuses the name "%s"', async name => {
    const { bank, dataDir } = await setUp()
    await expect(bank('clear', name)).rejects.toThrow('Expected the name of a camera')
    expect(existsSync(join(dataDir, 'banks'))).toBe(true)
  })
})
