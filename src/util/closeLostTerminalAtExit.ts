/** Makes it possible to exit after the terminal was closed. */

import { closeSync } from 'node:fs'
import { isatty } from 'node:tty'

/**
 * When it exits, Node puts back the settings of the terminal that it was started in, and aborts where that fails because
 * the terminal was closed (`ResetStdio` in src/node.cc). A descriptor that is closed is left alone.
 */
export function closeLostTerminalAtExit(): void {
  const terminals = [0, 1, 2].filter(isatty)
  process.on('exit', () => {
    for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor)
  })
}
