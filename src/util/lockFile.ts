/** One process at a time: a lock file that dies with its owner. */

import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, systemCodeOf, WatchwordError } from './errors.ts'
import { makeFolder } from './makeFolder.ts'

export interface LockOptions {
  /** Called once when somebody else holds it. */
  readonly onWait?: (owner: number) => void
  /** Default: 100. */
  readonly pollMs?: number
}

/**
 * Runs `work` while holding the lock. It saves work, nothing else: where process ids don't compare (containers that share
 * a volume) two may hold it, so `work` must put its results in place atomically.
 * @throws WatchwordError `unwritable`
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  await acquire(path, options)
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function acquire(path: string, { onWait, pollMs = 100 }: LockOptions): Promise<void> {
  await makeFolder(dirname(path)).catch(cause => Promise.reject(unwritable(path, cause)))
  let told = false
  while (!(await create(path))) {
    const owner = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10)
    if (Number.isNaN(owner)) {
      // Just made and not yet written, or just gone: look again.
      await delay(pollMs)
    } else if (!isAlive(owner)) {
      await rm(path, { force: true })
    } else {
      if (!told) onWait?.(owner)
      told = true
      await delay(pollMs)
    }
  }
}

async function create(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid}\n`, { flag: 'wx' })
    return true
  } catch (cause) {
    if (systemCodeOf(cause) === 'EEXIST') return false
    throw unwritable(path, cause)
  }
}

function unwritable(path: string, cause: unknown): WatchwordError {
  return new WatchwordError(`Cannot write ${path}: ${messageOf(cause)}`, {
    code: 'unwritable',
    hint: 'Set WATCHWORD_DATA to a directory that you may write',
    cause,
  })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCodeOf(error) === 'EPERM'
  }
}
