/** Event changes for tests. */

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
    where: null,
    ...overrides,
  }
}

/** A change of the event `id`: its type and its number within the event, 0 for `new`. */
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
    viewImage: null,
  }
}
