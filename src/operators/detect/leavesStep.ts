/** Rule `leaves`: the object was there and has left. */

import type { Evidence, Sample } from './evidence.ts'
import { ABSENT, type PresenceState, presenceStep } from './loitersStep.ts'
import type { TriggerOptions } from './triggerStep.ts'

export interface LeavesOptions {
  readonly holdMs: number
  readonly trigger: Pick<TriggerOptions, 'threshold' | 'releaseThreshold' | 'minOnMs' | 'minOffMs'>
}

export interface LeavesState {
  readonly presence: PresenceState
  /** Null while it is there, or when it left long ago. */
  readonly departure: Departure | null
}

interface Departure {
  /** When its score fell, ms. */
  readonly since: number
  /** When that was certain, ms. */
  readonly knownAt: number
}

export const NOT_PRESENT: LeavesState = { presence: ABSENT, departure: null }

/** The evidence is 1 − score for `holdMs` after it is certain that the object left, else 0. */
export function leavesStep(
  state: LeavesState,
  sample: Sample,
  { holdMs, trigger }: LeavesOptions,
): readonly [LeavesState, Evidence] {
  const presence = presenceStep(state.presence, sample, trigger)
  const departure = depart(state, presence, sample.at, { holdMs, trigger })
  const level = departure ? 1 - sample.score : 0
  // With a high threshold a score of one half says neither present nor absent: the departure is dated to now.
  const since = departure && level >= trigger.releaseThreshold ? departure.since : sample.at
  return [
    { presence, departure },
    { level, since },
  ]
}

function depart(
  { presence: before, departure }: LeavesState,
  presence: PresenceState,
  at: number,
  { holdMs, trigger }: LeavesOptions,
): Departure | null {
  if (presence.since !== null) return null
  if (before.since === null) return departure !== null && at - departure.knownAt < holdMs ? departure : null
  const since = before.lowSince ?? at
  return since - before.since >= trigger.minOnMs ? { since, knownAt: at } : null
}
