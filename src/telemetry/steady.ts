/** Damps a measured state: it gets worse at once, and better only after some time without a worse measurement. */

import type { HealthState } from './internalEvents.ts'

/** ms without a measurement as bad, after which a state is left. Shorter for critical: /healthz waits for its end. */
export const HELD_MS = { critical: 10_000, warning: 30_000 } as const

export interface Steadied {
  readonly state: HealthState
  /** When it was last measured as bad as this or worse: ms on a steady clock. */
  readonly at: { readonly critical: number; readonly warning: number }
}

/** @param before null: measured for the first time */
export function steady(before: Steadied | null, measured: HealthState, now: number): Steadied {
  const at = {
    critical: measured === 'critical' ? now : (before?.at.critical ?? Number.NEGATIVE_INFINITY),
    warning: measured === 'ok' ? (before?.at.warning ?? Number.NEGATIVE_INFINITY) : now,
  }
  const holds = (state: 'critical' | 'warning') => now - at[state] < HELD_MS[state]
  return { state: holds('critical') ? 'critical' : holds('warning') ? 'warning' : 'ok', at }
}
