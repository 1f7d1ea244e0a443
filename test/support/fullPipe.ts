/** A pipe whose reader does not read: a file that hangs when it is full. */

import { readSync, writeSync } from 'node:fs'

/** @returns the number of bytes that fit */
export function fill(pipe: number): number {
  let bytes = 0
  try {
    for (;;) bytes += writeSync(pipe, Buffer.alloc(4096, ' '))
  } catch {
    return bytes
  }
}

/** What is in the pipe now. */
export function take(pipe: number): string {
  const buffer = Buffer.alloc(65536)
  try {
    return buffer.toString('utf8', 0, readSync(pipe, buffer))
  } catch {
    return ''
  }
}
