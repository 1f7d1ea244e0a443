import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EventEdit } from '../../src/config/editEvents.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { writeEvent } from '../../src/config/writeEvent.ts'
import { lockDirectory } from '../../src/util/lockDirectory.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const TEXT = '# my house\ncameras:\n  gate: { url: "demo:street" } # here\nevents:\n  dog: { prompts: [a dog] }\n'
const add = (event: string): EventEdit => {
  return { kind: 'add', event, settings: { prompts: ['a van'] }, cameras: ['gate'], zone: null }
}

function setUp(text = TEXT) {
  const folder = temporaryFolder()
  const path = join(folder, 'home.yaml')
  writeFileSync(path, text)
  const options = { path, text, library: readLibrary(), env: {}, lockFolder: join(folder, 'data') }
  return { folder, path, options, content: () => readFileSync(path, 'utf8') }
}

test('the file gets its new lines and keeps its mode; nothing else is left beside it', async () => {
  const { folder, path, options, content } = setUp()
  chmodSync(path, 0o640)
  const written = await writeEvent([add('van')], options)
  expect(content()).toBe(written)
  expect(content()).toBe(`${TEXT}  van:\n    prompts:\n      - a van\n`)
  expect(statSync(path).mode & 0o777).toBe(0o640)
  expect(readdirSync(folder).sort()).toEqual(['data', 'home.yaml'])
})

test('of a symbolic link, the file that it points to changes', async () => {
  const { folder, options, content } = setUp()
  mkdirSync(join(folder, 'links'))
  const link = join(folder, 'links', 'watchword.yaml')
  symlinkSync('../home.yaml', link)
  await writeEvent([add('van')], { ...options, path: link })
  expect(lstatSync(link).isSymbolicLink()).toBe(true)
  expect(content()).toContain('van:')
})

test('of two who save at once, the second gets one clear line and overwrites nothing', async () => {
  const { options, content } = setUp()
  await writeEvent([add('van')], options)
  const first = content()
  await expect(writeEvent([add('cat')], options)).rejects.toThrow(
    /^Cannot write .*home.yaml: it was changed meanwhile$/,
  )
  expect(content()).toBe(first)
})

test('while another process writes, it is refused', async () => {
  const { options, content } = setUp()
  const lock = await lockDirectory(options.lockFolder, { name: 'config' })
  await expect(writeEvent([add('van')], options)).rejects.toMatchObject({ code: 'config-changed' })
  await lock?.release()
  expect(content()).toBe(TEXT)
  await writeEvent([add('van')], options)
  expect(content()).toContain('van:')
})

test.skipIf(process.getuid?.() === 0)('a read-only file is not replaced', async () => {
  const { path, options, content } = setUp()
  chmodSync(path, 0o444)
  await expect(writeEvent([add('van')], options)).rejects.toMatchObject({ code: 'unwritable' })
  expect(content()).toBe(TEXT)
})

test('a file that is gone is not made again', async () => {
  const { folder, options } = setUp()
  const path = join(folder, 'other.yaml')
  await expect(writeEvent([add('van')], { ...options, path })).rejects.toMatchObject({ code: 'unwritable' })
  expect(readdirSync(folder).sort()).toEqual(['data', 'home.yaml'])
})

test('an invalid result is not written', async () => {
  const { options, content } = setUp()
  const wrong: EventEdit = { ...add('van'), settings: { prompts: ['a van'], threshold: 2 } } as EventEdit
  await expect(writeEvent([wrong], options)).rejects.toMatchObject({ code: 'config-uneditable' })
  expect(content()).toBe(TEXT)
})
