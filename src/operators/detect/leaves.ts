/** Rule `leaves`: the thing was there, and has gone. */

import { ABSENT, type PresenceState, presenceStep } from './lingers.ts'
import type { Sample } from './rule.ts'
import type { TriggerOptions } from './trigger.ts'

export interface LeavesOptions {
  readonly windowMs: number
  readonly trigger: Pick<TriggerOptions, 'threshold' | 'release' | 'minOnMs' | 'minOffMs'>
}

export interface LeavesState {
  readonly presence: PresenceState
  /** When it went, ms; null when it is there or went long ago. */
  readonly goneAt: number | null
}

export const NOBODY: LeavesState = { presence: ABSENT, goneAt: null }

/** The evidence is how much it is not there, 1 − score, for `windowMs` after it went; else 0. */
export function leavesStep(
  { presence, goneAt }: LeavesState,
  sample: Sample,
  { windowMs, trigger }: LeavesOptions,
): readonly [LeavesState, number] {
  const next = presenceStep(presence, sample, trigger)
  const went = next.since === null && presence.since !== null
  const stayedMs = went ? (presence.lowSince ?? sample.at) - (presence.since ?? sample.at) : 0
  if (went && stayedMs >= trigger.minOnMs) return [{ presence: next, goneAt: sample.at }, 1 - sample.score]
  const isRecent = next.since === null && goneAt !== null && sample.at - goneAt < windowMs
  return [{ presence: next, goneAt: isRecent ? goneAt : null }, isRecent ? 1 - sample.score : 0]
}
