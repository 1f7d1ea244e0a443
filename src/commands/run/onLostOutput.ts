/** Stops a run whose output has no reader any more: `watchword run | head -2`, or a closed terminal. */

import { fstatSync } from 'node:fs'
import { systemCodeOf } from '../../util/errors.ts'

/** EPIPE: the reader of a pipe has ended. EIO: the terminal was closed. */
export const LOST_OUTPUT: ReadonlySet<string | null> = new Set(['EPIPE', 'EIO'])

/** Calls `stop` at the first write that fails for this reason. A lost stderr alone stops nothing: events still go to stdout. */
export function onLostOutput(stop: (reason: string) => void): void {
  const streams = areSameFile(1, 2) ? [process.stdout, process.stderr] : [process.stdout]
  for (const stream of streams)
    stream.on('error', error => {
      if (LOST_OUTPUT.has(systemCodeOf(error))) stop('the output was closed')
    })
}

function areSameFile(one: number, other: number): boolean {
  try {
    const [a, b] = [fstatSync(one), fstatSync(other)]
    return a.dev === b.dev && a.ino === b.ino
  } catch {
    return false // closed by the caller
  }
}
