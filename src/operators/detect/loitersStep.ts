/** Rule `loiters`: the object has been present for a long time. */

import type { Sample } from './evidence.ts'
import type { TriggerOptions } from './triggerStep.ts'

export interface LoitersOptions {
  readonly dwellMs: number
  readonly trigger: Pick<TriggerOptions, 'threshold' | 'releaseThreshold' | 'minOffMs'>
}

export interface PresenceState {
  /** Since when the object has been present; null while it is absent. */
  readonly since: number | null
  /** Since when its score is low while it still counts as present; null while the score is not low. */
  readonly lowSince: number | null
}

export const ABSENT: PresenceState = { since: null, lowSince: null }

/** The evidence is the score once the object has been present for `dwellMs`, else 0. Dips shorter than `minOffMs` are ignored. */
export function loitersStep(
  state: PresenceState,
  sample: Sample,
  { dwellMs, trigger }: LoitersOptions,
): readonly [PresenceState, number] {
  const next = presenceStep(state, sample, trigger)
  const loitered = next.since !== null && sample.at - next.since >= dwellMs
  return [next, loitered ? sample.score : 0]
}

/** Whether the object is present: hysteresis, and short dips are ignored. */
export function presenceStep(
  { since, lowSince }: PresenceState,
  { at, score }: Sample,
  { threshold, releaseThreshold, minOffMs }: LoitersOptions['trigger'],
): PresenceState {
  if (since === null) return score >= threshold ? { since: at, lowSince: null } : ABSENT
  if (score >= releaseThreshold) return { since, lowSince: null }
  const low = lowSince ?? at
  return at - low >= minOffMs ? ABSENT : { since, lowSince: low }
}
