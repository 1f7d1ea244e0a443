/** The live status on a terminal: repainted in place, with log lines above it. */

import type { WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'
import type { InternalEvent } from '../../telemetry/internalEvents.ts'
import type { Outcome } from '../../types.ts'
import { createLiveState, showInternalEvent, showOutcome, watchCameras } from './liveState.ts'
import { type LiveHeader, renderLive } from './renderLive.ts'

export interface LiveView {
  show(outcome: Outcome): void
  observe(internalEvent: InternalEvent): void
  /** Prints a line above the status. */
  print(line: string): void
  /** Paints a last time and leaves the cursor below the status. */
  close(): void
}

export type Terminal = Pick<WriteStream, 'write' | 'columns' | 'rows' | 'on' | 'off'>

const REPAINT_MS = 250

const CLEAR_LINE_END = '\x1b[K'
const CLEAR_BELOW = '\x1b[J'

/** The current cameras and thresholds: a reload changes them. */
export interface Watched {
  readonly cameras: readonly string[]
  readonly thresholds: LiveHeader['thresholds']
}

export function startLiveView(
  output: Terminal,
  head: Omit<LiveHeader, 'thresholds'>,
  watched: () => Watched,
): LiveView {
  const state = createLiveState()
  /** Lengths of the painted lines. */
  let painted: readonly number[] = []

  /** Moves the cursor to the first line of the status. A terminal that became narrower has wrapped its lines. */
  const toTop = () => {
    const rows = painted.reduce((sum, length) => sum + Math.max(1, Math.ceil(length / (output.columns || 80))), 0)
    return rows === 0 ? '' : `\r\x1b[${rows}A`
  }
  /** Paints in one write over the old lines, without flicker. */
  const paint = (above = '') => {
    const screen = { columns: output.columns || 80, rows: output.rows || 24 }
    const { cameras, thresholds } = watched()
    watchCameras(state, cameras)
    const lines = renderLive({ ...head, thresholds }, state, screen, Date.now())
    const status = lines.map(line => `${line}${CLEAR_LINE_END}\n`).join('')
    output.write(`${toTop()}${above === '' ? '' : CLEAR_BELOW}${above}${status}${CLEAR_BELOW}`)
    painted = lines.map(line => stripVTControlCharacters(line).length)
  }
  const repaint = () => paint()
  /** Clears the status first: lines that the terminal has wrapped would stay visible. */
  const resized = () => {
    output.write(`${toTop()}${CLEAR_BELOW}`)
    painted = []
    paint()
  }
  const timer = setInterval(repaint, REPAINT_MS)
  output.on('resize', resized)
  paint()

  return {
    show: outcome => showOutcome(state, outcome),
    observe: internalEvent => showInternalEvent(state, internalEvent),
    print: line => paint(line.endsWith('\n') ? line : `${line}\n`),
    close() {
      clearInterval(timer)
      output.off('resize', resized)
      paint()
    },
  }
}
