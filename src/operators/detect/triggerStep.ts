/** The step that all rules share: turns evidence over time into a start and an end. */

import type { Evidence } from './evidence.ts'

export interface TriggerOptions {
  /** Starts at this evidence or above, [0, 1]. */
  readonly threshold: number
  /** Ends below it; at most `threshold`. In between nothing changes. */
  readonly releaseThreshold: number
  /** The evidence must hold this long before the start. */
  readonly minOnMs: number
  /** The evidence must stay below `release_threshold` this long before the end. */
  readonly minOffMs: number
  /** No new start this long after an end. */
  readonly cooldownMs: number
  /** Ends after this long in any case; before the next start the evidence must fall below `release_threshold`. */
  readonly maxDurationMs: number
}

export interface TriggerState {
  readonly phase: 'off' | 'rising' | 'on' | 'falling'
  /** Frame time of the newest change between high and low, ms. */
  readonly turnedAt: number
  /** Since when that is the case, ms, as the evidence dated it. */
  readonly since: number
  readonly startedAt: number
  /** No event may start before this time, ms. */
  readonly freeAt: number
  /** False after `max_duration` until the evidence has fallen below `release_threshold`. */
  readonly armed: boolean
}

export type TriggerChange =
  /** `at` is when the event happened according to the evidence: at the latest when it rose, not when that was certain. */
  | { readonly type: 'start'; readonly at: number }
  /** `at`: as above, at the latest when the evidence fell. */
  | { readonly type: 'end'; readonly at: number; readonly reason: 'score' | 'max_duration' }

/** No event is on, and none may start before `freeAt`, ms. */
export function restingUntil(freeAt: number): TriggerState {
  const never = Number.NEGATIVE_INFINITY
  return { phase: 'off', turnedAt: never, since: never, startedAt: never, freeAt, armed: true }
}

/**
 * ```
 * threshold ┄┄┄┄┄┄┄╭──╮┄┄╭────╮┄┄┄┄┄┄
 * releaseThreshold   ┄┄┄┄┄┄╭╯┄┄╰──╯┄┄┄┄╰╮┄┄┄┄┄
 * evidence  ──────╯            ╰─────
 *                  ├minOn┤      ├minOff┤
 * event            ▔▔▔▔▔▔▔▔▔▔▔▔▔
 * ```
 * Evidence may backdate start and end, but not before `freeAt`. `minOn` and `minOff` are measured on the frames that
 * showed the evidence.
 */
export function triggerStep(
  state: TriggerState,
  evidence: Evidence,
  at: number,
  options: TriggerOptions,
): readonly [TriggerState, TriggerChange | null] {
  const isOn = state.phase === 'on' || state.phase === 'falling'
  return isOn ? whileOn(state, evidence, at, options) : whileOff(state, evidence, at, options)
}

function whileOff(
  state: TriggerState,
  evidence: Evidence,
  at: number,
  { threshold, releaseThreshold, minOnMs }: TriggerOptions,
): readonly [TriggerState, TriggerChange | null] {
  if (evidence.level < releaseThreshold) return [{ ...state, phase: 'off', armed: true }, null]
  const begins = state.phase === 'off' && state.armed && evidence.level >= threshold && at >= state.freeAt
  if (state.phase === 'off' && !begins) return [state, null]
  const turnedAt = begins ? at : state.turnedAt
  const since = begins ? Math.max(evidence.since, state.freeAt) : state.since
  if (at - turnedAt < minOnMs) return [{ ...state, phase: 'rising', turnedAt, since }, null]
  return [
    { ...state, phase: 'on', turnedAt, since, startedAt: since },
    { type: 'start', at: since },
  ]
}

function whileOn(
  state: TriggerState,
  evidence: Evidence,
  at: number,
  { releaseThreshold, minOffMs, cooldownMs, maxDurationMs }: TriggerOptions,
): readonly [TriggerState, TriggerChange | null] {
  const ended = (endedAt: number, armed: boolean): TriggerState => ({ ...restingUntil(endedAt + cooldownMs), armed })
  const low = evidence.level < releaseThreshold
  const falls = low && state.phase === 'on'
  const turnedAt = falls ? at : state.turnedAt
  const since = falls ? Math.max(evidence.since, state.startedAt) : state.since
  if (low && at - turnedAt >= minOffMs) return [ended(since, true), { type: 'end', at: since, reason: 'score' }]
  if (at - state.startedAt >= maxDurationMs) return [ended(at, low), { type: 'end', at, reason: 'max_duration' }]
  return [{ ...state, phase: low ? 'falling' : 'on', turnedAt, since }, null]
}
