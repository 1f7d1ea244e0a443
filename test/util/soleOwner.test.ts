import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownFolder } from '../../src/util/soleOwner.ts'

let folder: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchword-owner-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Another process that owns the folder and does nothing. */
async function stranger(): Promise<ChildProcess> {
  const script = `import { ownFolder } from '${new URL('../../src/util/soleOwner.ts', import.meta.url)}'
    console.log(await ownFolder(process.argv[1]) === null ? 'refused' : 'owner'); setInterval(() => {}, 1e6)`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script, folder]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [said] = await once(child.stdout, 'data')
  expect(String(said).trim()).toBe('owner')
  return child
}

test('one at a time, the next when it is given back', async () => {
  const release = await ownFolder(folder)
  expect(await ownFolder(folder)).toBeNull()
  expect(await ownFolder(join(folder, 'another'))).not.toBeNull()
  await release?.()
  expect(existsSync(join(folder, 'owner.sock'))).toBe(false)
  expect(await ownFolder(folder)).not.toBeNull()
})

test('an owner that was killed owns nothing', async () => {
  const other = await stranger()
  expect(await ownFolder(folder)).toBeNull()
  const gone = once(other, 'exit')
  other.kill('SIGKILL')
  await gone
  expect(existsSync(join(folder, 'owner.sock'))).toBe(true)
  const release = await ownFolder(folder)
  expect(release).not.toBeNull()
  expect(await ownFolder(folder)).toBeNull()
  await release?.()
})

test('where no socket can be, everybody is let in', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const deep = join(folder, 'x'.repeat(100))
  for (const each of [file, deep]) {
    expect(await ownFolder(each)).not.toBeNull()
    expect(await ownFolder(each)).not.toBeNull()
  }
})
