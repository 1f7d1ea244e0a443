/** Writes a set of files into a folder, which is made: none is put in place before all are written. */

import { access, constants, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, systemCodeOf, WatchwordError } from '../util/errors.ts'
import { makeFolder } from '../util/makeFolder.ts'

/**
 * Makes the folder and tries whether it may be written to, before work that takes long.
 * @throws WatchwordError `unwritable`
 */
export async function makeWritable(dir: string): Promise<void> {
  try {
    await makeFolder(dir)
    await access(dir, constants.W_OK)
  } catch (cause) {
    throw unwritable(dir, cause)
  }
}

/** @throws WatchwordError `unwritable`; what was begun is removed */
export async function writeFiles(dir: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  await makeWritable(dir)
  const paths = Object.keys(files).map(name => join(dir, name))
  const part = (path: string) => `${path}.part`
  let current = dir
  try {
    for (const [name, content] of Object.entries(files)) {
      current = join(dir, name)
      await writeFile(part(current), content)
    }
    for (current of paths) await rename(part(current), current)
  } catch (cause) {
    for (const path of paths) await rm(part(path), { force: true }).catch(() => undefined)
    throw unwritable(current, cause)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of the path is a file',
  EACCES: 'no permission',
  EROFS: 'the disk is read-only',
}

function unwritable(path: string, cause: unknown): WatchwordError {
  const why = REASONS[systemCodeOf(cause) ?? ''] ?? messageOf(cause)
  return new WatchwordError(`Cannot write ${path}: ${why}`, { code: 'unwritable', cause })
}
