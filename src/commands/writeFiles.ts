/** Writes a set of files into a folder, each whole or not at all. */

import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, systemCodeOf, WatchwordError } from '../util/errors.ts'

/** @throws WatchwordError `unwritable`; what was begun is removed */
export async function writeFiles(dir: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(dir, name)
    const part = `${path}.part`
    try {
      await writeFile(part, content)
      await rename(part, path)
    } catch (cause) {
      await rm(part, { force: true })
      const why = systemCodeOf(cause) === 'ENOSPC' ? 'the disk is full' : messageOf(cause)
      throw new WatchwordError(`Cannot write ${path}: ${why}`, { code: 'unwritable', cause })
    }
  }
}
