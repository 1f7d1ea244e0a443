/** A progress bar on stderr while it is a TTY; nothing elsewhere. */

import { clearLine, cursorTo } from 'node:readline'

export interface Progress {
  at(done: number): void
  /** Removes the bar. */
  done(): void
}

const WIDTH = 24

/** @param total in the unit of `at` */
export function createProgress(what: string, total: number): Progress {
  const { stderr } = process
  if (!stderr.isTTY) return { at: () => {}, done: () => {} }
  const erase = () => {
    clearLine(stderr, 0)
    cursorTo(stderr, 0)
  }
  let shown = ''
  return {
    at(done) {
      const fraction = Math.min(1, done / total)
      const filled = Math.round(fraction * WIDTH)
      const bar = `${what} ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${Math.round(fraction * 100)} %`
      if (bar === shown) return
      erase()
      stderr.write(bar)
      shown = bar
    },
    done() {
      erase()
      shown = ''
    },
  }
}
