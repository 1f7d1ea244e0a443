/** Long work that is told to stop: whoever holds something half done removes it when the process exits. */

import { constants } from 'node:os'

/** Without this a signal ends the process before anybody hears of it. The exit code is the shell's: 130 for Ctrl-C. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.stderr.write('watchword: Interrupted; what was finished before stays\n')
      process.exit(128 + constants.signals[signal])
    })
  }
}
