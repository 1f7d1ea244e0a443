/** The bounds of the outbox, and which changes they drop. Pure. */

import type { ChangeRecord } from '../eventPayload.ts'

export interface OutboxBounds {
  readonly maxMessages: number
  readonly maxBytes: number
  readonly maxAgeMs: number
}

export type Bound = 'count' | 'bytes' | 'age'

export interface OutboxEntry {
  /** Increases over the whole life of the outbox, also over restarts. */
  readonly n: number
  /** ms since the epoch. */
  readonly recordedAt: number
  /** The same time on the steady clock, ms: the age must not depend on changes of the wall clock. */
  readonly since: number
  /** Size of the change as JSON. */
  readonly bytes: number
  readonly change: ChangeRecord
}

/** The bound that is exceeded; null when none is. */
export function exceeded(
  { maxMessages, maxBytes, maxAgeMs }: OutboxBounds,
  { messages, bytes, ageMs }: { messages: number; bytes: number; ageMs: number },
): Bound | null {
  if (messages > maxMessages) return 'count'
  if (bytes > maxBytes) return 'bytes'
  return ageMs > maxAgeMs ? 'age' : null
}

/**
 * The changes to drop first: the oldest event whose `new` was not sent, as a whole; then an update; then an end.
 * @param idle the entries that are not in flight, oldest first
 * @param oldest for the bound `age`: only entries recorded before this time, on the steady clock, are dropped
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
