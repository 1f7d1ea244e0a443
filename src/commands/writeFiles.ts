/** Writes a set of files into a folder, which is made, each whole or not at all. */

import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, systemCodeOf, WatchwordError } from '../util/errors.ts'

/** @throws WatchwordError `unwritable`; what was begun is removed */
export async function writeFiles(dir: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  await mkdir(dir, { recursive: true }).catch(cause => {
    throw unwritable(dir, cause)
  })
  for (const [name, content] of Object.entries(files)) {
    const path = join(dir, name)
    const part = `${path}.part`
    try {
      await writeFile(part, content)
      await rename(part, path)
    } catch (cause) {
      await rm(part, { force: true })
      throw unwritable(path, cause)
    }
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
