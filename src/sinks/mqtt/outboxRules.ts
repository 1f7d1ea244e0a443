/** The rules of the outbox, apart from its state: what a bound costs, and what replaces a lost change. */

import type { WatchEvent } from '../../types.ts'
import type { ChangeRecord } from '../payload.ts'

export interface OutboxBounds {
  readonly maxMessages: number
  readonly maxBytes: number
  readonly maxAgeMs: number
}

export type Bound = 'count' | 'bytes' | 'age'

export interface OutboxEntry {
  /** Rises over the whole life of the outbox. */
  readonly n: number
  /** ms since the epoch. */
  readonly recordedAt: number
  /** The same moment on the steady clock, ms: how old it is must not depend on who sets the wall clock. */
  readonly since: number
  /** Of the record on disk. */
  readonly bytes: number
  readonly change: ChangeRecord
}

/** The bound that is overrun; null when all hold. */
export function exceeded(
  { maxMessages, maxBytes, maxAgeMs }: OutboxBounds,
  { messages, bytes, ageMs }: { messages: number; bytes: number; ageMs: number },
): Bound | null {
  if (messages > maxMessages) return 'count'
  if (bytes > maxBytes) return 'bytes'
  return ageMs > maxAgeMs ? 'age' : null
}

/**
 * What is dropped first: the oldest event that has not begun for others, as a whole; then an update; then an end.
 * @param idle what is not on its way, oldest first
 * @param oldest for the bound `age`: only what was recorded before this, on the steady clock, is dropped
 */
export function victimsOf(idle: readonly OutboxEntry[], bound: Bound, oldest: number): OutboxEntry[] {
  const candidates = bound === 'age' ? idle.filter(({ since }) => since < oldest) : idle
  const first =
    candidates.find(({ change }) => change.type === 'new') ??
    candidates.find(({ change }) => change.type === 'update') ??
    candidates[0]
  if (first?.change.type !== 'new') return first === undefined ? [] : [first]
  return idle.filter(({ change }) => change.after.id === first.change.after.id)
}

/** The `new` that must have been there, from the earliest state that is still known. */
export function newFor(change: ChangeRecord): ChangeRecord {
  const first = change.before ?? change.after
  const after: WatchEvent = { ...first, endTime: null, endReason: null }
  return { type: 'new', seq: 0, before: null, after, hasSnapshot: false }
}

/** Ends an event where it was last seen. */
export function endFor(last: ChangeRecord): ChangeRecord {
  const after: WatchEvent = { ...last.after, endTime: last.after.frameTime, endReason: 'restart' }
  return { type: 'end', seq: last.seq + 1, before: last.after, after, hasSnapshot: false }
}
