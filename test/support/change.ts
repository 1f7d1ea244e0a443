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
    why: null,
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

/** A change with a snapshot that a crop decided. */
export function drawable(id: string, type: 'new' | 'update' = 'new', overrides: Partial<WatchEvent> = {}): EventChange {
  const where = { box: { x: 0.25, y: 0.5, width: 0.25, height: 0.25 }, zones: ['gate'], view: 'crop' } as const
  return {
    ...change(type, id, type === 'new' ? 0 : 1, { where, ...overrides }),
    snapshot: Uint8Array.of(1, 2, 3),
    viewImage: { box: where.box, size: 2, pixels: new Uint8Array(12) },
  }
}
