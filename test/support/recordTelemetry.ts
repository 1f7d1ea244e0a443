/** Telemetry for tests: records the internal events, or only counts frames. */

import type { InternalEvent, Telemetry } from '../../src/telemetry/internalEvents.ts'

type Of<T extends InternalEvent['type']> = Extract<InternalEvent, { type: T }>

export interface RecordedTelemetry extends Telemetry {
  readonly internalEvents: readonly InternalEvent[]
  /** The internal events of one type so far. */
  of<T extends InternalEvent['type']>(type: T): Of<T>[]
  /** Resolves to the nth internal event of its type, counted from 1, as soon as it is emitted. */
  next<T extends InternalEvent['type']>(type: T, nth?: number): Promise<Of<T>>
  /** Frames encoded so far. */
  encoded(): number
  /** Frames that reused an embedding so far. */
  skipped(): number
  /** Frames dropped so far, for this reason or for any. */
  dropped(reason?: string): number
}

export function recordTelemetry(): RecordedTelemetry {
  const internalEvents: InternalEvent[] = []
  const waiting = new Set<() => void>()
  const of = <T extends InternalEvent['type']>(type: T) =>
    internalEvents.filter((one): one is Of<T> => one.type === type)
  return {
    internalEvents,
    of,
    emit(internalEvent) {
      internalEvents.push(internalEvent)
      for (const check of waiting) check()
    },
    next(type, nth = 1) {
      return new Promise(resolve => {
        const check = () => {
          const found = of(type)[nth - 1]
          if (found === undefined) return
          waiting.delete(check)
          resolve(found)
        }
        waiting.add(check)
        check()
      })
    },
    encoded: () => of('BatchEncoded').reduce((sum, { size }) => sum + size, 0),
    skipped: () => of('FrameSkipped').length,
    dropped: wanted =>
      of('FramesDropped')
        .filter(({ reason }) => wanted === undefined || reason === wanted)
        .reduce((sum, { count }) => sum + count, 0),
  }
}

/** Telemetry for long runs: keeps only the number of frames that were encoded, skipped or dropped. */
export function countTelemetry(): Telemetry & { accounted(): number } {
  let accounted = 0
  return {
    emit: internalEvent => {
      if (internalEvent.type === 'BatchEncoded') accounted += internalEvent.size
      if (internalEvent.type === 'FramesDropped') accounted += internalEvent.count
      if (internalEvent.type === 'FrameSkipped') accounted += 1
    },
    accounted: () => accounted,
  }
}
