/** Writes changes of events into the config file: the whole result is checked first, and it replaces the file at once. */

import { access, constants, realpath, stat } from 'node:fs/promises'
import { replaceFile } from '../util/atomicWrite.ts'
import { systemCodeOf, WatchwordError } from '../util/errors.ts'
import { lockDirectory } from '../util/lockDirectory.ts'
import { writeError } from '../util/writeError.ts'
import { type EditOptions, type EventEdit, editEvents } from './editEvents.ts'
import { readText } from './readText.ts'

export interface WriteOptions extends EditOptions {
  /** The text on which the changes are based: when the file has another one now, nothing is written. */
  readonly text: string
  /** Folder of the lock that keeps a second Watchword from writing at the same time. */
  readonly lockFolder: string
}

/**
 * Mode and owner stay; of a symbolic link, the file that it points to is replaced.
 * @returns the new text
 * @throws WatchwordError `config-changed`, `unwritable`, `disk-full`, and those of `editEvents`; the file then is as before
 */
export async function writeEvent(edits: readonly EventEdit[], options: WriteOptions): Promise<string> {
  const { path, text, lockFolder } = options
  const edited = editEvents(text, edits, options)
  const lock = await lockDirectory(lockFolder, { name: 'config' })
  if (lock === null) throw changed(path, 'another Watchword is writing it')
  try {
    const file = await writable(path)
    // Compared at the last moment: the new content is complete by then.
    const write = async (append: (bytes: Uint8Array) => Promise<void>) => {
      await append(new TextEncoder().encode(edited))
      if (readText(path) !== text) throw changed(path, 'it was changed meanwhile')
    }
    await replaceFile(file, write, { like: await stat(file) })
    return edited
  } catch (error) {
    throw isBusy(error) ? mounted(path, error) : writeError(error, path)
  } finally {
    await lock.release()
  }
}

/** A file that may not be written is not replaced either, though its folder would allow that. */
async function writable(path: string): Promise<string> {
  const file = await realpath(path)
  if (!(await stat(file)).isFile())
    throw new WatchwordError(`Cannot write ${path}: it is no file`, { code: 'unwritable' })
  await access(file, constants.W_OK)
  return file
}

/** `replaceFile` has made an error of its own of what the system said. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && systemCodeOf(error.cause) === 'EBUSY'
}

function changed(path: string, why: string): WatchwordError {
  return new WatchwordError(`Cannot write ${path}: ${why}`, {
    code: 'config-changed',
    hint: 'The file was not changed. Run the command again',
  })
}

function mounted(path: string, cause: unknown): WatchwordError {
  return new WatchwordError(`Cannot replace ${path}: it is mounted as a single file`, {
    code: 'unwritable',
    hint: 'Mount its folder instead, or write the lines into it yourself',
    cause,
  })
}
