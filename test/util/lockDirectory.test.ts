import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { lockDirectory, withLock } from '../../src/util/lockDirectory.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

const SCRIPT = `import { lockDirectory } from '${new URL('../../src/util/lockDirectory.ts', import.meta.url)}'
  const lock = await lockDirectory(process.argv[1])
  console.log(process.pid, lock === null ? 'refused' : (lock.failure ?? 'holds')); setInterval(() => {}, 1e6)`

/** Another process that tries to hold the lock. */
async function startHolder(folder: string, { wrapper = [], uid }: { wrapper?: string[]; uid?: number } = {}) {
  const [command = '', ...args] = [...wrapper, process.execPath, '--import', 'tsx', '--input-type=module', '-e', SCRIPT]
  const env = { ...process.env, HOME: '/tmp', TSX_DISABLE_CACHE: '1' }
  const child = spawn(command, [...args, folder], { stdio: ['ignore', 'pipe', 'inherit'], env, ...(uid && { uid }) })
  children.push(child)
  const [output] = await once(child.stdout, 'data')
  const [pid, ...words] = String(output).trim().split(' ')
  return { child, pid: Number(pid), answer: words.join(' ') }
}

async function killHolder({ child }: { child: ChildProcess }): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

const lockFiles = (folder: string) => readdirSync(folder).filter(name => name.includes('.lock'))

describe('lockDirectory', () => {
  test('one at a time, the next after a release', async () => {
    const folder = join(temporaryFolder(), 'made')
    const lock = await lockDirectory(folder)
    expect(lock?.failure).toBeNull()
    expect(await lockDirectory(folder)).toBeNull()
    expect((await lockDirectory(folder, { name: 'another' }))?.failure).toBeNull()
    await lock?.release()
    expect((await lockDirectory(folder))?.failure).toBeNull()
    expect(lockFiles(folder).sort()).toEqual(['.another-1.lock', '.watchword-2.lock'])
  })

  test('a killed holder leaves no lock', async () => {
    const folder = temporaryFolder()
    const other = await startHolder(folder)
    expect(other.answer).toBe('holds')
    expect(await lockDirectory(folder)).toBeNull()
    await killHolder(other)
    expect((await lockDirectory(folder))?.failure).toBeNull()
    expect(await lockDirectory(folder)).toBeNull()
  })

  test('of many starts at once exactly one succeeds, whatever earlier ones left', async () => {
    const folder = temporaryFolder()
    for (let round = 0; round < 30; round++) {
      const locks = await Promise.all(Array.from({ length: 8 }, () => lockDirectory(folder)))
      const held = locks.filter(lock => lock !== null)
      expect(held.map(({ failure }) => failure)).toEqual([null])
      // A released lock leaves the same behind as a killed process: a socket without a listener.
      await held[0]?.release()
    }
    expect(lockFiles(folder)).toEqual(['.watchword-30.lock'])
  })

  test.each([1, 50, 90, 100, 110, 180])('a path that is %i bytes longer', async length => {
    const folder = join(temporaryFolder(), 'x'.repeat(length))
    const lock = await lockDirectory(folder)
    expect(lock?.failure).toBeNull()
    expect(await lockDirectory(folder)).toBeNull()
    await lock?.release()
    expect((await lockDirectory(folder, { name: 'a long name, and one/with: signs '.repeat(5) }))?.failure).toBeNull()
  })

  test('a file, a folder or a damaged name of the lock does not prevent locking', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, '.watchword-7.lock'), '1234\n')
    writeFileSync(join(folder, '.watchword-99999999999999999999.lock'), '')
    writeFileSync(join(folder, '.watchword-x.lock'), '')
    expect((await lockDirectory(folder))?.failure).toBeNull()
    expect(await lockDirectory(folder)).toBeNull()
    expect(lockFiles(folder)).toContain('.watchword-8.lock')
  })

  test('where there can be none the reason is given', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    expect((await lockDirectory(file))?.failure).toBe('there is a file of that name')
    expect((await lockDirectory('/proc/none'))?.failure).toBe('there is no such folder')
  })

  test('a deleted lock is noticed', async () => {
    const folder = join(temporaryFolder(), 'made')
    const lock = await lockDirectory(folder)
    expect(await lock?.isIntact()).toBe(true)
    rmSync(folder, { recursive: true })
    expect(await lock?.isIntact()).toBe(false)
    const again = await lockDirectory(folder)
    expect(await lock?.isIntact()).toBe(false)
    expect(await again?.isIntact()).toBe(true)
  })
})

const isRoot = process.getuid?.() === 0
if (!isRoot) console.warn('SKIPPED: another user can only be tried as root')

describe.skipIf(!isRoot)('another user', () => {
  test.each([0o777, 0o1777])('in a shared folder (%o): refused while it lives, free when it is killed', async mode => {
    const folder = join(temporaryFolder(), 'shared')
    mkdirSync(folder)
    chmodSync(join(folder, '..'), 0o755)
    chmodSync(folder, mode)
    const ours = await lockDirectory(folder)
    expect((await startHolder(folder, { uid: 65534 })).answer).toBe('refused')
    await ours?.release()
    const other = await startHolder(folder, { uid: 65534 })
    expect(other.answer).toBe('holds')
    expect(await lockDirectory(folder)).toBeNull()
    await killHolder(other)
    expect((await lockDirectory(folder))?.failure).toBeNull()
  })

  test('a socket that may not be connected to counts as held', async () => {
    const folder = join(temporaryFolder(), 'shared')
    mkdirSync(folder)
    chmodSync(join(folder, '..'), 0o755)
    const lock = await lockDirectory(folder)
    chmodSync(folder, 0o777)
    chmodSync(join(folder, '.watchword-1.lock'), 0o700)
    expect((await startHolder(folder, { uid: 65534 })).answer).toBe('refused')
    await lock?.release()
  })
})

const UNSHARE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']
const canUnshare = process.env.CI !== undefined || tryUnshare()
if (!canUnshare) console.warn('SKIPPED: no process id namespace can be made here')

function tryUnshare(): boolean {
  try {
    execFileSync(UNSHARE[0] ?? '', [...UNSHARE.slice(1), 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!canUnshare)('containers that share a directory', () => {
  test.each([
    ['process ids', UNSHARE],
    ['process ids and network', [...UNSHARE, '--net']],
  ])(
    'with %s of their own: process 1 is not taken for another process 1',
    async (_, wrapper) => {
      const folder = temporaryFolder()
      const first = await startHolder(folder, { wrapper })
      expect([first.pid, first.answer]).toEqual([1, 'holds'])
      expect((await startHolder(folder, { wrapper })).answer).toBe('refused')
      expect(await lockDirectory(folder)).toBeNull()
      await killHolder(first)
      await expect.poll(async () => (await startHolder(folder, { wrapper })).answer, { timeout: 20_000 }).toBe('holds')
    },
    60_000,
  )
})

describe('withLock', () => {
  test('one after the other, also where the work fails', async () => {
    const folder = temporaryFolder()
    const order: string[] = []
    let finish = () => {}
    const held = new Promise<void>(resolve => {
      finish = resolve
    })
    const first = withLock(folder, async () => {
      order.push('first in')
      await held
      order.push('first out')
      throw new Error('no')
    })
    await expect.poll(() => order).toEqual(['first in'])
    const second = withLock(folder, async () => order.push('second in'), { onWait: finish })
    await expect(first).rejects.toThrow('no')
    await second
    expect(order).toEqual(['first in', 'first out', 'second in'])
  })

  test('continues when the holder is killed', async () => {
    const folder = temporaryFolder()
    const other = await startHolder(folder)
    const waits: string[] = []
    const work = withLock(folder, async () => 'done', { onWait: () => waits.push('waits') })
    await expect.poll(() => waits).toEqual(['waits'])
    await killHolder(other)
    expect(await work).toBe('done')
    expect(waits).toEqual(['waits'])
  })

  test('stops waiting when it is aborted, without a lock', async () => {
    const folder = temporaryFolder()
    const lock = await lockDirectory(folder)
    const stop = new AbortController()
    const work = withLock(folder, async () => 'never', {
      signal: stop.signal,
      onWait: () => setImmediate(() => stop.abort(new Error('stopped'))),
    })
    await expect(work).rejects.toThrow('stopped')
    await expect(withLock(folder, async () => 'never', { signal: stop.signal })).rejects.toThrow('stopped')
    await lock?.release()
    expect((await lockDirectory(folder))?.failure).toBeNull()
  })

  test('waits on where the holder deletes the directory', async () => {
    const folder = join(temporaryFolder(), 'made')
    const lock = await lockDirectory(folder)
    const work = withLock(folder, async () => existsSync(folder), {
      onWait: () => {
        rmSync(folder, { recursive: true })
        void lock?.release()
      },
    })
    expect(await work).toBe(true)
  })
})
