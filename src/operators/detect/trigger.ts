/** The one step that all rules share: evidence over time becomes a start and an end. */

export interface TriggerOptions {
  /** Starts at this evidence or above, [0, 1]. */
  readonly threshold: number
  /** Ends below it; at most `threshold`. In between nothing changes. */
  readonly release: number
  /** The evidence must hold this long before the start. */
  readonly minOnMs: number
  /** And be gone this long before the end. */
  readonly minOffMs: number
  /** No new start this long after an end. */
  readonly cooldownMs: number
  /** Ends anyway after this long; the next start needs evidence that was gone in between. */
  readonly maxDurationMs: number
}

export interface TriggerState {
  readonly phase: 'off' | 'rising' | 'on' | 'falling'
  /** Frame time of the newest change between high and low, ms. */
  readonly since: number
  readonly startedAt: number
  readonly cooledAt: number
  /** False after `max_duration` until the evidence has been gone. */
  readonly armed: boolean
}

export type TriggerChange =
  /** `at` is when the evidence rose, not when that was certain. */
  | { readonly type: 'start'; readonly at: number }
  /** `at` is when the evidence fell. */
  | { readonly type: 'end'; readonly at: number; readonly reason: 'score' | 'max_duration' }

export const RESTING: TriggerState = {
  phase: 'off',
  since: Number.NEGATIVE_INFINITY,
  startedAt: Number.NEGATIVE_INFINITY,
  cooledAt: Number.NEGATIVE_INFINITY,
  armed: true,
}

/**
 * ```
 * threshold ┄┄┄┄┄┄┄╭──╮┄┄╭────╮┄┄┄┄┄┄
 * release   ┄┄┄┄┄┄╭╯┄┄╰──╯┄┄┄┄╰╮┄┄┄┄┄
 * evidence  ──────╯            ╰─────
 *                  ├minOn┤      ├minOff┤
 * event            ▔▔▔▔▔▔▔▔▔▔▔▔▔
 * ```
 */
export function triggerStep(
  state: TriggerState,
  evidence: number,
  at: number,
  options: TriggerOptions,
): readonly [TriggerState, TriggerChange | null] {
  const isOn = state.phase === 'on' || state.phase === 'falling'
  return isOn ? whileOn(state, evidence, at, options) : whileOff(state, evidence, at, options)
}

function whileOff(
  state: TriggerState,
  evidence: number,
  at: number,
  { threshold, release, minOnMs }: TriggerOptions,
): readonly [TriggerState, TriggerChange | null] {
  if (evidence < release) return [{ ...state, phase: 'off', armed: true }, null]
  const begins = state.phase === 'off' && state.armed && evidence >= threshold && at >= state.cooledAt
  if (state.phase === 'off' && !begins) return [state, null]
  const since = begins ? at : state.since
  if (at - since < minOnMs) return [{ ...state, phase: 'rising', since }, null]
  return [
    { ...state, phase: 'on', since, startedAt: since },
    { type: 'start', at: since },
  ]
}

function whileOn(
  state: TriggerState,
  evidence: number,
  at: number,
  { release, minOffMs, cooldownMs, maxDurationMs }: TriggerOptions,
): readonly [TriggerState, TriggerChange | null] {
  const ended = (endedAt: number, armed: boolean): TriggerState => ({
    ...RESTING,
    cooledAt: endedAt + cooldownMs,
    armed,
  })
  const low = evidence < release
  const since = low && state.phase === 'on' ? at : state.since
  if (low && at - since >= minOffMs) return [ended(since, true), { type: 'end', at: since, reason: 'score' }]
  if (at - state.startedAt >= maxDurationMs) return [ended(at, low), { type: 'end', at, reason: 'max_duration' }]
  return [{ ...state, phase: low ? 'falling' : 'on', since }, null]
}
