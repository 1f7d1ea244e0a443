/** Decides when a file that is being written is complete, by checking it once a second. */

/** A file as `stat` sees it; null: it does not exist. */
export type FileLook = { readonly ino: number; readonly size: number; readonly mtimeMs: number } | null

/**
 * A file that is written in place may pause half-written: it is complete after so long without a change, ms. One that
 * was moved into place, as most editors do, is complete as soon as two polls agree.
 */
const QUIET_MS = 4000

export interface FileChanges {
  /** The file when it was last read. */
  readonly read: FileLook
  readonly seen: FileLook
  /** When its current state was first seen, ms of a steady clock. */
  readonly since: number
}

export function watchedFile(look: FileLook, now: number): FileChanges {
  return { read: look, seen: look, since: now }
}

/** The state after a poll, and whether to read the file now. */
export function lookAgain(state: FileChanges, look: FileLook, now: number): readonly [FileChanges, boolean] {
  if (!isSame(look, state.seen)) return [{ ...state, seen: look, since: now }, false]
  if (isSame(look, state.read)) return [state, false]
  const isMoved = look !== null && state.read !== null && look.ino !== state.read.ino
  if (!isMoved && now - state.since < QUIET_MS) return [state, false]
  return [{ ...state, read: look }, true]
}

function isSame(a: FileLook, b: FileLook): boolean {
  return a === null || b === null ? a === b : a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs
}
