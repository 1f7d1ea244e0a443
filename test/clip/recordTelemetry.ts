/** Telemetry that remembers, and lets a test wait for what is to happen. */

import type { Happening, Telemetry } from '../../src/telemetry/happenings.ts'

type Of<T extends Happening['type']> = Extract<Happening, { type: T }>

export interface RecordedTelemetry extends Telemetry {
  readonly happenings: readonly Happening[]
  all<T extends Happening['type']>(type: T): Of<T>[]
  /** The nth of its type, counted from 1: at once if it happened, else when it does. */
  next<T extends Happening['type']>(type: T, nth?: number): Promise<Of<T>>
}

export function recordTelemetry(): RecordedTelemetry {
  const happenings: Happening[] = []
  const waiting = new Set<() => void>()
  const all = <T extends Happening['type']>(type: T) => happenings.filter((one): one is Of<T> => one.type === type)
  return {
    happenings,
    all,
    emit(happening) {
      happenings.push(happening)
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
