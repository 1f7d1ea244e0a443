/** Files that are there whole or not at all: written beside their place, then renamed. */

import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, systemCodeOf, WatchwordError } from './errors.ts'

/** What a writer hands bytes to. */
export type Append = (bytes: Uint8Array) => Promise<void>

/**
 * Runs `write`, then puts the file in its place. When anything fails, nothing is left behind and an older file stays.
 * @throws WatchwordError `disk-full`, `unwritable`
 */
export async function replaceFile(path: string, write: (append: Append) => Promise<void>): Promise<void> {
  await replaceFiles([path], appends => write(appends[0] as Append))
}

/** As `replaceFile`, for files that belong together: all are complete before the first is renamed, in the given order. */
export async function replaceFiles(
  paths: readonly string[],
  write: (appends: readonly Append[]) => Promise<void>,
): Promise<void> {
  const parts = paths.map(path => `${path}.${process.pid}.part`)
  const handles: FileHandle[] = []
  try {
    try {
      for (const part of parts) handles.push(await open(part, 'w'))
      await write(handles.map(handle => bytes => appendAll(handle, bytes)))
      for (const handle of handles) await handle.sync()
    } finally {
      for (const handle of handles) await handle.close()
    }
    for (const [i, part] of parts.entries()) await rename(part, paths[i] as string)
  } catch (error) {
    for (const part of parts) await rm(part, { force: true }).catch(() => {})
    throw explain(error, paths[0] as string)
  }
}

/** @throws WatchwordError `disk-full`, `unwritable` */
export async function atomicWrite(path: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  await replaceFile(path, append => append(bytes))
}

async function appendAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let offset = 0
  while (offset < bytes.length) offset += (await handle.write(bytes, offset)).bytesWritten
}

function explain(error: unknown, path: string): unknown {
  const code = error instanceof WatchwordError ? null : systemCodeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new WatchwordError(`The disk is full: ${path} was not written, and no partial file was left`, {
      code: 'disk-full',
      hint: 'Free some space, or choose another directory',
      cause: error,
    })
  }
  if (code === null || !/^E[A-Z]+$/.test(code)) return error
  return new WatchwordError(`Cannot write ${path}: ${messageOf(error)}`, {
    code: 'unwritable',
    hint: `Check that ${dirname(path)} exists and that you may write there`,
    cause: error,
  })
}
