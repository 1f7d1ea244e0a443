/** A folder for unfinished work. It is removed when the work ends, with its process, or an hour after that was killed. */

import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PRIVATE_FOLDER } from './atomicWrite.ts'
import { makeFolder } from './makeFolder.ts'
import { writeError } from './writeError.ts'

export interface WorkFolder {
  readonly path: string
  remove(): Promise<void>
}

/** Longer than any work takes between two files. Process ids do not compare where containers share a disk. */
const STALE_MS = 60 * 60 * 1000

/**
 * Beside its final place, so that finished files only need a new name. Leftovers of killed processes are removed.
 * @param prefix of its name, and of the earlier ones'
 * @param options.isAlone the caller holds a lock: leftovers are removed at any age
 * @throws WatchwordError `unwritable`, `disk-full`
 */
export async function makeWorkFolder(
  parent: string,
  prefix: string,
  { isAlone = false }: { readonly isAlone?: boolean } = {},
): Promise<WorkFolder> {
  await removeStale(parent, prefix, isAlone ? 0 : STALE_MS)
  const path = join(parent, `${prefix}${randomUUID()}`)
  try {
    await makeFolder(path, PRIVATE_FOLDER)
  } catch (cause) {
    throw writeError(cause, path, 'Choose a directory that you may write to')
  }
  const removeNow = () => rmSync(path, { recursive: true, force: true })
  process.once('exit', removeNow)
  return {
    path,
    remove: async () => {
      process.off('exit', removeNow)
      await rm(path, { recursive: true, force: true })
    },
  }
}

async function removeStale(parent: string, prefix: string, olderThanMs: number): Promise<void> {
  const names = (await readdir(parent).catch(() => [])).filter(name => name.startsWith(prefix))
  for (const path of names.map(name => join(parent, name))) {
    const touched = await stat(path).catch(() => null)
    if (touched === null) continue
    // Without a bound the clock has no say: it may have been set back.
    if (olderThanMs === 0 || Date.now() - touched.mtimeMs > olderThanMs)
      await rm(path, { recursive: true, force: true })
  }
}
