/** Writes files that are complete or absent: each is written beside its place, then renamed. */

import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeError } from './writeError.ts'

/** What a file that is not complete yet ends with, everywhere. */
export const PART_SUFFIX = '.part'

/** Private files and folders: only their owner (and root) may read them. */
export const PRIVATE_FILE = 0o600
export const PRIVATE_FOLDER = 0o700

export interface AtomicWriteOptions {
  /**
   * true: mode 0600 with any umask. false: 0666 without what the umask takes away, for results that a user asked
   * for. Default: true in a folder that only its owner may enter, false in any other.
   */
  readonly isPrivate?: boolean
  /** Wait until the content is on the disk itself before the rename. Default: true. */
  readonly flush?: boolean
  /**
   * Only one process ever writes this path. What a killed process left is then overwritten by the next write. Otherwise
   * every write takes a name of its own. Default: false.
   */
  readonly soleWriter?: boolean
  /** The new file gets this mode and owner instead: those of the file that it replaces. Default: see `isPrivate`. */
  readonly like?: { readonly mode: number; readonly uid: number; readonly gid: number }
}

/** Appends bytes to the file that is being written. */
export type Append = (bytes: Uint8Array) => Promise<void>

/** @throws WatchwordError `disk-full`, `unwritable`; nothing is left behind and an older file stays */
export async function atomicWrite(
  path: string,
  content: string | Uint8Array,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  await replaceFile(path, append => append(bytes), options)
}

/**
 * Runs `write`, then puts the file in its place.
 * @throws WatchwordError `disk-full`, `unwritable`; nothing is left behind and an older file stays
 */
export async function replaceFile(
  path: string,
  write: (append: Append) => Promise<void>,
  options: AtomicWriteOptions = {},
): Promise<void> {
  await replaceFiles([path], appends => write(appends[0] as Append), options)
}

/** As `replaceFile`, for files that belong together: all are complete before the first is renamed, in the given order. */
export async function replaceFiles(
  paths: readonly string[],
  write: (appends: readonly Append[]) => Promise<void>,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const { flush = true, soleWriter = false } = options
  const parts = paths.map(path => `${path}${soleWriter ? '' : `.${randomUUID().slice(0, 8)}`}${PART_SUFFIX}`)
  const handles: FileHandle[] = []
  /** Which path an error of the system belongs to. */
  let current = paths[0] ?? ''
  try {
    try {
      for (const [i, part] of parts.entries()) {
        current = paths[i] as string
        handles.push(await openPart(part, options.isPrivate ?? (await isPrivateFolder(dirname(part)))))
        if (options.like) await makeLike(handles[i] as FileHandle, options.like)
      }
      await write(
        handles.map((handle, i) => async bytes => {
          current = paths[i] as string
          await appendAll(handle, bytes)
        }),
      )
      if (flush) for (const handle of handles) await handle.sync()
    } finally {
      for (const handle of handles) await handle.close()
    }
    for (const [i, part] of parts.entries()) {
      current = paths[i] as string
      await rename(part, current)
    }
  } catch (error) {
    for (const part of parts) await rm(part, { force: true }).catch(() => {})
    throw writeError(error, current)
  }
}

async function openPart(part: string, isPrivate: boolean): Promise<FileHandle> {
  if (!isPrivate) return open(part, 'w')
  const handle = await open(part, 'w', PRIVATE_FILE)
  // The umask may have taken even the owner's rights, and an older part may have had other ones. FAT has no modes.
  await handle.chmod(PRIVATE_FILE).catch(() => {})
  return handle
}

/** Rejects where the owner may not be kept: others could then not read what they could before. */
async function makeLike(handle: FileHandle, { mode, uid, gid }: Required<AtomicWriteOptions>['like']): Promise<void> {
  const made = await handle.stat()
  if (made.uid !== uid || made.gid !== gid) await handle.chown(uid, gid)
  await handle.chmod(mode & 0o7777)
}

async function isPrivateFolder(folder: string): Promise<boolean> {
  return ((await stat(folder)).mode & 0o077) === 0
}

async function appendAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let offset = 0
  while (offset < bytes.length) offset += (await handle.write(bytes, offset)).bytesWritten
}
