/** Runs a TypeScript file as a process of its own and keeps what it says, line by line. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { until } from './until.ts'

export interface Child {
  readonly lines: string[]
  kill(signal: NodeJS.Signals): void
  /** Resolves when it says a line that begins so. */
  says(start: string, timeoutMs?: number): Promise<void>
  /** Resolves when it has ended and all it said is in `lines`. */
  readonly ended: Promise<void>
}

/** @param path of the file, from the root of the checkout */
export function startChild(path: string, args: readonly string[]): Child {
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', line => lines.push(line))
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(() => undefined)
  return {
    lines,
    ended,
    kill: signal => {
      child.kill(signal)
    },
    says: (start, timeoutMs) => until(() => lines.some(line => line.startsWith(start)), `it says ${start}`, timeoutMs),
  }
}
