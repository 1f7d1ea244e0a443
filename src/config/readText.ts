/** Reads a file that a user wrote, a config or a part of one, as text. */

import { closeSync, openSync, readSync } from 'node:fs'
import { messageOf, systemCodeOf, WatchwordError } from '../util/errors.ts'

/** A thousand cameras with all keys need less than half of it. The YAML parser takes seconds for ten times as much. */
const LARGEST_BYTES = 2e6

export interface TextFile {
  /** For the message: `the config`. */
  readonly what: string
  readonly hint: string
}

const CONFIG: TextFile = {
  what: 'the config',
  hint: 'Pass the path of a YAML file; config/example.yaml is an example to copy.',
}

/** @throws WatchwordError `config-unreadable` */
export function readText(path: string, { what, hint } = CONFIG): string {
  const unreadable = (why: string, cause?: unknown) =>
    new WatchwordError(`Cannot read ${what} ${path}: ${why}`, { code: 'config-unreadable', hint, cause })
  let bytes: Buffer
  try {
    bytes = readUpTo(path, LARGEST_BYTES + 1)
  } catch (error) {
    const code = systemCodeOf(error)
    const why = code === 'ENOENT' ? 'the file does not exist' : code === 'EISDIR' ? 'it is a folder' : messageOf(error)
    throw unreadable(why, error)
  }
  if (bytes.length > LARGEST_BYTES) throw unreadable(`it is larger than ${LARGEST_BYTES / 1e6} MB`)
  const text = bytes.toString('utf8')
  // In a binary file the parser would find thousands of mistakes and quote them.
  if (text.includes('\0')) throw unreadable('it is not a text file')
  return text
}

/** Reads at most `most` bytes: the size of a pipe is unknown beforehand. */
function readUpTo(path: string, most: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(most)
    let length = 0
    for (;;) {
      const read = readSync(file, bytes, length, most - length, null)
      length += read
      if (read === 0 || length === most) return bytes.subarray(0, length)
    }
  } finally {
    closeSync(file)
  }
}
