/** Writes events as plain lines, for terminals without a live view and for pipes. */

import type { EventChange } from '../types.ts'
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

/** `12:03:04  front_door  person_walking  began  score 0.82`; null for updates, which have no news for a reader. */
export function consoleLine({ type, after }: EventChange): string | null {
  if (type === 'update') return null
  const time = new Date(after.frameTime).toTimeString().slice(0, 8)
  const head = `${time}  ${after.camera}  ${after.event}`
  if (type === 'new') return `${head}  began  score ${after.score.toFixed(2)}`
  const seconds = ((after.endTime ?? after.frameTime) - after.startTime) / 1000
  return `${head}  ended after ${seconds.toFixed(1)} s  peak ${after.topScore.toFixed(2)}  (${after.endReason})`
}
