/**
 * One process at a time holds a lock in a directory: by a Unix socket there. The kernel stops listening on it when its
 * holder dies, for any reason. That is also true between containers and users that share the directory, where process
 * ids do not compare.
 *
 * The sockets of a lock are numbered: `.watchword-1.lock`, `.watchword-2.lock`, … The holder listens on the one with the
 * highest number. A process that finds it dead makes the next number, as a hard link to a socket that listens already: of
 * any number of starts at once exactly one succeeds. The highest number is never removed, lower ones are.
 */

import { createHash, randomUUID } from 'node:crypto'
import { link, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PRIVATE_FOLDER } from './atomicWrite.ts'
import { systemCodeOf } from './errors.ts'
import { makeFolder } from './makeFolder.ts'
import {
  isListening,
  type Listener,
  listenAt,
  openSocketFolder,
  type SocketFolder,
  untilClosed,
} from './socketFolder.ts'
import { reasonOf } from './writeError.ts'

export interface DirectoryLock {
  /**
   * Why there is no lock, null where there is one: a read-only disk, or a file system without sockets or hard links.
   * Another process may work here at the same time then.
   */
  readonly failure: string | null
  /** False when its file was deleted or replaced meanwhile. */
  isIntact(): Promise<boolean>
  release(): Promise<void>
}

export interface LockOptions {
  /** Several locks may be in one directory. Default: watchword. */
  readonly name?: string
}

export interface WaitOptions extends LockOptions {
  /** Called once when another process holds it. */
  readonly onWait?: () => void
  /** Ends the waiting: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * Makes the directory where it does not exist.
 * @returns null when another process holds the lock, or may hold it
 */
export async function lockDirectory(directory: string, options: LockOptions = {}): Promise<DirectoryLock | null> {
  const name = fileNameOf(options.name ?? 'watchword')
  let folder: SocketFolder | null = null
  try {
    await makeFolder(directory, PRIVATE_FOLDER)
    folder = await openSocketFolder(directory)
    return await acquire(folder, name)
  } catch (error) {
    return { failure: reasonOf(error), isIntact: async () => true, release: async () => undefined }
  } finally {
    await folder?.close()
  }
}

/** Runs `work` while holding the lock; waits while another process holds it. @throws the signal's reason, or as `work` */
export async function withLock<T>(directory: string, work: () => Promise<T>, options: WaitOptions = {}): Promise<T> {
  const lock = await waitForLock(directory, options)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

/** Between two attempts. */
const POLL_MS = 100

async function waitForLock(directory: string, { onWait, signal, ...options }: WaitOptions): Promise<DirectoryLock> {
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted()
    const lock = await lockDirectory(directory, options)
    if (lock !== null) return lock
    if (attempt === 0) onWait?.()
    // Where the directory vanishes meanwhile, the next attempt makes it.
    await untilFree(directory, fileNameOf(options.name ?? 'watchword'), signal).catch(() => signal?.throwIfAborted())
    await sleep(POLL_MS, undefined, { signal }).catch(() => signal?.throwIfAborted())
  }
}

async function untilFree(directory: string, name: string, signal?: AbortSignal): Promise<void> {
  const folder = await openSocketFolder(directory)
  try {
    await untilClosed(folder.pathOf(numbered(name, await highestIn(folder, name))), signal)
  } finally {
    await folder.close()
  }
}

/** Every failed attempt means that another process has just succeeded. */
const ATTEMPTS = 20

async function acquire(folder: SocketFolder, name: string): Promise<DirectoryLock | null> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const highest = await highestIn(folder, name)
    if (highest > 0 && (await isListening(folder.pathOf(numbered(name, highest))))) return null
    const listener = await claim(folder, name, highest + 1)
    if (listener === null) continue
    await removeOld(folder, name, highest + 1)
    return heldLock(folder, numbered(name, highest + 1), listener)
  }
  return null
}

/** @returns null when another process was faster */
async function claim(folder: SocketFolder, name: string, number: number): Promise<Listener | null> {
  const fresh = `.${name}-${randomUUID().slice(0, 8)}.lock.part`
  const listener = await listenAt(folder.pathOf(fresh))
  try {
    await link(join(folder.directory, fresh), join(folder.directory, numbered(name, number)))
    // Between the check and the link, other holders may have used and removed this number: then there is a higher one.
    if ((await highestIn(folder, name)) === number) return listener
    await rm(join(folder.directory, numbered(name, number)), { force: true })
  } catch (error) {
    if (!['EEXIST', 'ENOENT'].includes(systemCodeOf(error) ?? '')) {
      await listener.close()
      throw error
    }
  } finally {
    await rm(join(folder.directory, fresh), { force: true })
  }
  await listener.close()
  return null
}

async function heldLock(folder: SocketFolder, file: string, listener: Listener): Promise<DirectoryLock> {
  const path = join(folder.directory, file)
  const { ino, dev } = await lstat(path)
  return {
    failure: null,
    isIntact: async () => {
      const there = await lstat(path).catch(() => null)
      return there?.ino === ino && there.dev === dev
    },
    release: () => listener.close(),
  }
}

/** Lower numbers, and files of processes that were killed between listening and linking. Other users' files may stay. */
async function removeOld(folder: SocketFolder, name: string, number: number): Promise<void> {
  for (const file of await readdir(folder.directory)) {
    const other = numberOf(file, name)
    const isOld = other !== null && other < number
    const isPart = file.startsWith(`.${name}-`) && file.endsWith('.lock.part')
    if (isOld || (isPart && !(await isListening(folder.pathOf(file)))))
      await rm(join(folder.directory, file), { force: true }).catch(() => undefined)
  }
}

/** 0 when there is none. */
async function highestIn(folder: SocketFolder, name: string): Promise<number> {
  const files = await readdir(folder.directory)
  return files.reduce((highest, file) => Math.max(highest, numberOf(file, name) ?? 0), 0)
}

function numbered(name: string, number: number): string {
  return `.${name}-${number}.lock`
}

function numberOf(file: string, name: string): number | null {
  if (!file.startsWith(`.${name}-`)) return null
  const match = /^([1-9]\d{0,11})\.lock$/.exec(file.slice(name.length + 2))
  return match === null ? null : Number(match[1])
}

/** Leaves room in a socket's path for its folder and suffix. */
const LONGEST_NAME = 20

function fileNameOf(name: string): string {
  if (name.length <= LONGEST_NAME && /^[A-Za-z0-9._-]+$/.test(name)) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, LONGEST_NAME - 9)}-${hash}`
}
