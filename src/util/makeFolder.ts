/** Makes a folder and those above it. Node's own `recursive` asks for ever where a file system knows no new names: /proc. */

import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCodeOf } from './errors.ts'

/** Nothing happens where it is there already. @throws what the system says about the first that can't be made */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const parent = dirname(path)
    if (await isFolder(path)) return
    if (systemCodeOf(error) !== 'ENOENT' || parent === path || (await isFolder(parent))) throw error
    await makeFolder(parent)
    await makeFolder(path)
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
}
