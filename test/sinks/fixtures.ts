/** Event changes and a telemetry recorder for the tests of sinks. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { InternalEvent, Telemetry } from '../../src/telemetry/internalEvents.ts'
import type { EventChange, WatchEvent } from '../../src/types.ts'

const T0 = Date.UTC(2026, 0, 1)

function watchEvent(id: string, overrides: Partial<WatchEvent> = {}): WatchEvent {
  return {
    id,
    camera: 'front',
    event: 'person_walking',
    startTime: T0,
    endTime: null,
    frameTime: T0,
    score: 0.8,
    topScore: 0.9,
    topTime: T0,
    endReason: null,
    variant: 'int8',
    ...overrides,
  }
}

/** A change of an event with this `type` and `seq`. */
export function change(
  type: EventChange['type'],
  id: string,
  seq: number,
  overrides: Partial<WatchEvent> = {},
): EventChange {
  const at = (step: number) => ({ frameTime: T0 + step * 1000, ...overrides })
  const ended = type === 'end' ? { endTime: T0 + seq * 1000, endReason: 'score' as const } : {}
  return {
    kind: 'event',
    type,
    seq,
    before: type === 'new' ? null : watchEvent(id, at(seq - 1)),
    after: watchEvent(id, { ...at(seq), ...ended }),
    snapshot: null,
  }
}

/** Records all internal events. */
export function recordInternalEvents(): Telemetry & {
  readonly recorded: InternalEvent[]
  of<T extends InternalEvent['type']>(type: T): Extract<InternalEvent, { type: T }>[]
} {
  const recorded: InternalEvent[] = []
  return {
    recorded,
    emit: internalEvent => {
      recorded.push(internalEvent)
    },
    of: <T extends InternalEvent['type']>(type: T) =>
      recorded.filter((each): each is Extract<InternalEvent, { type: T }> => each.type === type),
  }
}

/** Waits until a condition holds that real parts cause. */
export async function until(condition: () => boolean, what: string, timeoutMs = 30_000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`)
    await sleep(20)
  }
}
