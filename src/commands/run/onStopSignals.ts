/** Handles signals: SIGINT and SIGTERM stop the process, SIGHUP reloads its config. */

import { exitProcess } from '../../util/exitProcess.ts'

/** A service manager or a shell may send the same signal twice at once: to the process and to its group. */
const SAME_SIGNAL_MS = 1000

/**
 * The first SIGINT or SIGTERM stops in order. Another one, at least a second later, ends the process at once.
 * @returns a function that stops listening
 */
export function onStopSignals(stop: (reason: string) => void): () => void {
  let stoppedAt: number | null = null
  const handle = (signal: NodeJS.Signals) => {
    if (stoppedAt === null) {
      stoppedAt = performance.now()
      stop(signal)
    } else if (performance.now() - stoppedAt >= SAME_SIGNAL_MS) void exitProcess(1)
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
  /** Stops listening. */
  close(): void
}

/** Listens from the start, because a SIGHUP without a listener ends a process. */
export function onHangup(): Hangup {
  let missed = false
  let onSignal = () => {
    missed = true
  }
  const handle = () => onSignal()
  process.on('SIGHUP', handle)
  return {
    follow(reload) {
      onSignal = reload
      if (missed) reload()
    },
    close: () => void process.off('SIGHUP', handle),
  }
}

/** In a terminal, SIGHUP means that the terminal was closed; a service receives it as a request to reload. */
export function isInTerminal(): boolean {
  return [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY === true)
}
