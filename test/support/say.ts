/** Says a line on stdout at once: the system has it before the next line of code runs, so a kill cannot take it back. */

import { writeSync } from 'node:fs'

export function say(...words: unknown[]): void {
  const line = `${words.join(' ')}\n`
  for (;;) {
    try {
      writeSync(1, line)
      return
    } catch (error) {
      // The pipe is full: the reader is behind.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}
