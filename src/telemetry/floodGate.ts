/** Turns a flood of alike lines into its first one and one sum a second. */

import type { LogLine } from './logLine.ts'

export type WriteLine = (line: LogLine) => void

const WINDOW_MS = 1000

export interface FloodGate {
  write: WriteLine
  /** Writes the sums that are due. */
  flush(): void
}

export function createFloodGate(write: WriteLine): FloodGate {
  const held = new Map<string, { count: number; last: LogLine; timer: NodeJS.Timeout }>()

  const close = (key: string) => {
    const flood = held.get(key)
    if (flood === undefined) return
    clearTimeout(flood.timer)
    held.delete(key)
    if (flood.count === 0) return
    const { level, message, fields } = flood.last
    write({ level, message: `${flood.count} more in 1 s, last: ${message}`, fields: { ...fields, more: flood.count } })
  }
  return {
    write: line => {
      const key = line.sumAs
      if (key === undefined) {
        write(line)
        return
      }
      const flood = held.get(key)
      if (flood !== undefined) {
        flood.count++
        flood.last = line
        return
      }
      write(line)
      held.set(key, { count: 0, last: line, timer: setTimeout(() => close(key), WINDOW_MS).unref() })
    },
    flush: () => {
      for (const key of [...held.keys()]) close(key)
    },
  }
}
