/** What signals ask of the process: to stop, and to read its config again. */

import { exitProcess } from '../../util/exitProcess.ts'

/** A service manager or a shell may send the same signal twice at once: to the process and to its group. */
const SAME_SIGNAL_MS = 1000

/**
 * The first SIGINT or SIGTERM stops in order. One that comes a second later or more ends the process at once.
 * @returns a function that stops listening
 */
export function onStopSignals(stop: (reason: string) => void): () => void {
  let askedAt: number | null = null
  const handle = (signal: NodeJS.Signals) => {
    if (askedAt === null) {
      askedAt = performance.now()
      stop(signal)
    } else if (performance.now() - askedAt >= SAME_SIGNAL_MS) void exitProcess(1)
  }
  process.on('SIGINT', handle)
  process.on('SIGTERM', handle)
  return () => {
    process.off('SIGINT', handle)
    process.off('SIGTERM', handle)
  }
}

export interface Hangup {
  /** Calls this on every SIGHUP, and now if one came before. */
  follow(reload: () => void): void
  forget(): void
}

/** Listens from the start, because a SIGHUP without a listener ends a process. */
export function onHangup(): Hangup {
  let missed = false
  let tell = () => {
    missed = true
  }
  const handle = () => tell()
  process.on('SIGHUP', handle)
  return {
    follow(reload) {
      tell = reload
      if (missed) reload()
    },
    forget: () => void process.off('SIGHUP', handle),
  }
}

/** Started in a terminal, SIGHUP means that it was closed; a service gets it to read its config again. */
export function isInTerminal(): boolean {
  return [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY === true)
}
