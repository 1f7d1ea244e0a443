import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { measureFolder } from '../../bench/real/measureFolder.ts'
import { openFolder, type PhotoCase } from '../../bench/real/openFolder.ts'
import { InputError } from '../support/inputError.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const FIXTURE = new URL('../fixtures/real-clip', import.meta.url).pathname
const CALIBRATION = { centre: 5, width: 1 }

/** A copy of the fixture with one case, changed. */
function folderWith(change: Partial<PhotoCase>): string {
  const dir = temporaryFolder()
  cpSync(FIXTURE, dir, { recursive: true })
  rmSync(join(dir, 'series'), { recursive: true })
  rmSync(join(dir, 'reference'), { recursive: true })
  const [first] = openFolder(FIXTURE).cases
  writeFileSync(join(dir, 'cases.json'), JSON.stringify({ cases: [{ ...first, ...change }] }))
  return dir
}

const measure = (dir: string) => measureFolder(openFolder(dir), CALIBRATION)

test('another name, fewer background phrases, no series: the case is measured as it stands', () => {
  const results = measure(folderWith({ name: 'other', background: ['a tree', 'a house', 'a door'] }))
  expect(results.cases.map(({ name, contrasts }) => [name, contrasts])).toEqual([['other', 3]])
  expect([results.hazards, results.quietDrives, results.cameras]).toEqual([[], [], []])
})

test.each([
  ['a phrase', { prompts: ['a walrus in a hat'] }, /^car-.*: phrase "a walrus in a hat" is not in .*phrases\.json$/],
  ['a row', { positive: [4711] }, /^car-.*: row 4711 of .*130\.npy does not exist: the file has 130 rows$/],
  ['a file', { pictures: 'none' }, /^Cannot read .*none\.npy: ENOENT/],
  ['a list', { negative: [] }, /cases\.json, `cases\.0\.negative`: /],
])('%s that is missing makes one line', (_, change, message) => {
  const dir = folderWith(change)
  expect(() => measure(dir)).toThrow(InputError)
  expect(() => measure(dir)).toThrow(message)
})
