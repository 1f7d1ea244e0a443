/** Writes events as plain lines, for terminals without a live view and for pipes. */

import type { EventChange, WatchEvent } from '../types.ts'
import { eachChange, type Sink } from './sink.ts'

export interface ConsoleOptions {
  /** Called with whole lines, line feed included. */
  readonly write: (line: string) => void
  /** `consoleLine`, or another form; null for changes that are not shown. */
  readonly format: (change: EventChange) => string | null
}

export function createConsole({ write, format }: ConsoleOptions): Sink {
  return outcomes$ =>
    eachChange(outcomes$, async change => {
      const line = format(change)
      if (line !== null) write(`${line}\n`)
    })
}

/** `12:03:04  yard  van  began  score 0.82  in gate`; null for updates, which have no news for a reader. */
export function consoleLine({ type, after }: EventChange): string | null {
  if (type === 'update') return null
  const time = new Date(after.frameTime).toTimeString().slice(0, 8)
  const head = `${time}  ${after.camera}  ${after.event}`
  if (type === 'new') return `${head}  began  score ${after.score.toFixed(2)}${inZones(after)}`
  const seconds = ((after.endTime ?? after.frameTime) - after.startTime) / 1000
  return `${head}  ended after ${seconds.toFixed(1)} s  peak ${after.topScore.toFixed(2)}  (${after.endReason})`
}

/** `  in gate, drive`; empty without a zone. */
export function inZones({ where }: WatchEvent): string {
  return where === null || where.zones.length === 0 ? '' : `  in ${where.zones.join(', ')}`
}
