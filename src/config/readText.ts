/** Reads a config file as text. */

import { closeSync, openSync, readSync } from 'node:fs'
import { messageOf, systemCodeOf, WatchwordError } from '../util/errors.ts'

/** A thousand cameras with all their keys take less than half of it. The YAML parser needs seconds for ten times as much. */
const LARGEST_BYTES = 2e6

/** @throws WatchwordError `config-unreadable` */
export function readText(path: string): string {
  const unreadable = (why: string, cause?: unknown) =>
    new WatchwordError(`Cannot read the config ${path}: ${why}`, {
      code: 'config-unreadable',
      hint: 'Give the path of a YAML file; config/example.yaml is one to copy.',
      cause,
    })
  let bytes: Buffer
  try {
    bytes = readUpTo(path, LARGEST_BYTES + 1)
  } catch (error) {
    const code = systemCodeOf(error)
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : messageOf(error)
    throw unreadable(why, error)
  }
  if (bytes.length > LARGEST_BYTES) throw unreadable(`it has more than ${LARGEST_BYTES / 1e6} MB`)
  const text = bytes.toString('utf8')
  // The parser would find thousands of mistakes in a picture or a database, and quote it.
  if (text.includes('\0')) throw unreadable('it is no text')
  return text
}

/** A pipe has no size to ask for, so that at most `most` bytes are read of whatever it is. */
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
