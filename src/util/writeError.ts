/** The error for a file or folder that cannot be written, with one text for all writers. */

import { dirname } from 'node:path'
import { messageOf, systemCodeOf, WatchwordError } from './errors.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'no permission',
  EPERM: 'no permission',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'a part of the path is a file',
  EISDIR: 'there is a folder of that name',
  EEXIST: 'there is a file of that name',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
}

/** A system error as a few plain words. */
export function reasonOf(error: unknown): string {
  return REASONS[systemCodeOf(error) ?? ''] ?? messageOf(error)
}

/**
 * @param error what the system said; anything that is no system error is returned as it is
 * @param path of the file or folder
 * @param hint what to do about it; default: to free space, or to check the permissions
 * @returns WatchwordError `disk-full` or `unwritable`
 */
export function writeError(error: unknown, path: string, hint?: string): unknown {
  const code = error instanceof WatchwordError ? null : systemCodeOf(error)
  if (code === null || !/^E[A-Z0-9]+$/.test(code)) return error
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  return new WatchwordError(`Cannot write ${path}: ${reasonOf(error)}`, {
    code: isFull ? 'disk-full' : 'unwritable',
    hint:
      hint ??
      (isFull
        ? 'Free some space, or choose another directory'
        : `Check that ${dirname(path)} exists and that you may write there`),
    cause: error,
  })
}
