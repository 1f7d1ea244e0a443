/** The live status on a terminal: repainted in place, with log lines scrolling above it. */

import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import type { WriteStream } from 'node:tty'
import type { Happening } from '../../telemetry/happenings.ts'
import type { Outcome } from '../../types.ts'
import { type LiveHeader, renderLive } from './render.ts'
import { createLiveState, showHappening, showOutcome } from './state.ts'

export interface LiveView {
  show(outcome: Outcome): void
  happened(happening: Happening): void
  /** Prints a line above the status. */
  print(line: string): void
  /** Paints a last time and leaves the cursor below. */
  close(): void
}

const REPAINT_MS = 250

export function startLiveView(output: WriteStream, cameras: readonly string[], header: LiveHeader): LiveView {
  const state = createLiveState(cameras)
  let painted = 0

  const erase = () => {
    if (painted === 0) return
    moveCursor(output, 0, -painted)
    cursorTo(output, 0)
    clearScreenDown(output)
    painted = 0
  }
  const paint = () => {
    // A status taller than the terminal could not be erased again: its end is left out.
    const lines = renderLive(header, state, output.columns ?? 80, Date.now()).slice(0, (output.rows ?? 24) - 1)
    erase()
    output.write(`${lines.join('\n')}\n`)
    painted = lines.length
  }
  const timer = setInterval(paint, REPAINT_MS)
  paint()

  return {
    show: outcome => showOutcome(state, outcome),
    happened: happening => showHappening(state, happening),
    print(line) {
      erase()
      output.write(line.endsWith('\n') ? line : `${line}\n`)
      paint()
    },
    close() {
      clearInterval(timer)
      paint()
    },
  }
}
