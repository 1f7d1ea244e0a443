/** SIGINT and SIGTERM stop the process. */

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
