/** Telemetry that remembers, and lets a test wait for what is to happen. */

import type { InternalEvent, Telemetry } from '../../src/telemetry/internalEvents.ts'

type Of<T extends InternalEvent['type']> = Extract<InternalEvent, { type: T }>

export interface RecordedTelemetry extends Telemetry {
  readonly internalEvents: readonly InternalEvent[]
  all<T extends InternalEvent['type']>(type: T): Of<T>[]
  /** The nth of its type, counted from 1: at once if it happened, else when it does. */
  next<T extends InternalEvent['type']>(type: T, nth?: number): Promise<Of<T>>
}

export function recordTelemetry(): RecordedTelemetry {
  const internalEvents: InternalEvent[] = []
  const waiting = new Set<() => void>()
  const all = <T extends InternalEvent['type']>(type: T) =>
    internalEvents.filter((one): one is Of<T> => one.type === type)
  return {
    internalEvents,
    all,
    emit(internalEvent) {
      internalEvents.push(internalEvent)
      for (const check of waiting) check()
    },
    next(type, nth = 1) {
      return new Promise(resolve => {
        const check = () => {
          const found = all(type)[nth - 1]
          if (found === undefined) return
          waiting.delete(check)
          resolve(found)
        }
        waiting.add(check)
        check()
      })
    },
  }
}
