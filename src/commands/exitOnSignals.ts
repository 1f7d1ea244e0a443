/** Ends a long command on SIGINT or SIGTERM, so that `exit` listeners remove partial files. */

import { constants } from 'node:os'

/** Without a handler a signal ends the process without `exit` listeners. Exit codes are those of a shell, 130 for Ctrl-C. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.stderr.write('watchword: Interrupted; finished files are kept\n')
      process.exit(128 + constants.signals[signal])
    })
  }
}
