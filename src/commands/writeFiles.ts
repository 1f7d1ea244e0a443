/** Writes a set of files into a directory; none is put in place before all are written. */

import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { type Append, replaceFiles } from '../util/atomicWrite.ts'
import { makeFolder } from '../util/makeFolder.ts'
import { writeError } from '../util/writeError.ts'

/**
 * Creates the directory and checks that it is writable, before work that takes long.
 * @throws WatchwordError `unwritable`, `disk-full`
 */
export async function makeWritable(dir: string): Promise<void> {
  try {
    await makeFolder(dir)
    await access(dir, constants.W_OK)
  } catch (cause) {
    throw writeError(cause, dir)
  }
}

/** @throws WatchwordError `unwritable`, `disk-full`; partial files are removed */
export async function writeFiles(dir: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  await makeWritable(dir)
  const contents = Object.values(files).map(each => (typeof each === 'string' ? new TextEncoder().encode(each) : each))
  const write = async (appends: readonly Append[]) => {
    for (const [i, content] of contents.entries()) await (appends[i] as Append)(content)
  }
  // These are results for the user: the umask decides who may read them.
  await replaceFiles(
    Object.keys(files).map(name => join(dir, name)),
    write,
    { isPrivate: false },
  )
}
