import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withLock } from '../../src/util/lockFile.ts'

function lockPath(): string {
  const dir = mkdtempSync(join(tmpdir(), 'watchword-lock-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return join(dir, 'deep', 'x.lock')
}

test('one at a time, and nothing stays', async () => {
  const path = lockPath()
  const order: string[] = []
  let release = () => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  const first = withLock(path, async () => {
    order.push('first in')
    await held
    order.push('first out')
  })
  const waits: number[] = []
  const onWait = (owner: number) => {
    waits.push(owner)
    release()
  }
  await new Promise(resolve => setImmediate(resolve))
  await Promise.all([first, withLock(path, async () => order.push('second in'), { onWait, pollMs: 1 })])
  expect(order).toEqual(['first in', 'first out', 'second in'])
  expect(waits).toEqual([process.pid])
  expect(existsSync(path)).toBe(false)
})

test('the lock of a process that died is taken over', async () => {
  const path = lockPath()
  await withLock(path, async () => {})
  // Larger than any Linux, macOS or Windows process id.
  writeFileSync(path, '2147483646\n')
  expect(await withLock(path, async () => 'done', { pollMs: 1 })).toBe('done')
})

test('work that fails gives it back', async () => {
  const path = lockPath()
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(existsSync(path)).toBe(false)
})

test('a place that cannot be written', async () => {
  const path = lockPath()
  await withLock(path, async () => {})
  writeFileSync(path, '')
  await expect(withLock(join(path, 'y.lock'), async () => {})).rejects.toMatchObject({ code: 'unwritable' })
})
