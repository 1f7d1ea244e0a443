/** Makes a folder and those above it. Node's own `recursive` never ends on a file system that takes no new names: /proc. */

import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCodeOf } from './errors.ts'

/**
 * Does nothing where it exists already.
 * @param mode of every folder that is made; default: 0777 without what the umask takes away
 * @throws the system's error for the first folder that cannot be made
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const error = await makeOne(path, mode)
  if (error === null) return
  const parent = dirname(path)
  if (systemCodeOf(error) !== 'ENOENT' || parent === path) throw error
  // Also where the parent exists by now: another caller may have made it since.
  await makeFolder(parent, mode)
  const second = await makeOne(path, mode)
  if (second !== null) throw second
}

/** Returns why the folder could not be made; null when it exists. */
async function makeOne(path: string, mode?: number): Promise<unknown> {
  try {
    await mkdir(path)
    // Not by mkdir: there the umask may take away even the owner's rights. FAT has no modes.
    if (mode !== undefined) await chmod(path, mode).catch(() => {})
    return null
  } catch (error) {
    return (await isFolder(path)) ? null : error
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
}
