import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeWorkFolder } from '../../src/util/workFolder.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

test('is beside its final place, and is removed with its content', async () => {
  const parent = join(temporaryFolder(), 'made', 'here')
  const folder = await makeWorkFolder(parent, '.making-')
  writeFileSync(join(folder.path, 'half'), '')
  expect(readdirSync(parent)).toEqual([expect.stringMatching(/^\.making-/)])
  const before = process.listenerCount('exit')
  await folder.remove()
  expect(readdirSync(parent)).toEqual([])
  expect(process.listenerCount('exit')).toBe(before - 1)
})

test('removes leftovers of an hour ago, and nothing else', async () => {
  const parent = temporaryFolder()
  for (const name of ['.making-old', '.making-new', 'other']) mkdirSync(join(parent, name))
  const hoursAgo = Date.now() / 1000 - 2 * 3600
  for (const name of ['.making-old', 'other']) utimesSync(join(parent, name), hoursAgo, hoursAgo)
  const folder = await makeWorkFolder(parent, '.making-')
  await folder.remove()
  expect(readdirSync(parent).sort()).toEqual(['.making-new', 'other'])
})

test('in a place that is none: one clear line', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  await expect(makeWorkFolder(file, '.making-')).rejects.toMatchObject({
    code: 'unwritable',
    message: expect.stringContaining(`Cannot write ${file}/.making-`),
  })
})
