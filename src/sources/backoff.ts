/** How long to wait before the next attempt at a camera. */

import type { LossReason } from '../types.ts'

export interface BackoffPolicy {
  /** Upper bound of the first wait, ms; it doubles with each failure. Default 1000. */
  readonly firstMs: number
  /** Upper bound of every wait, ms. Default 60 000. */
  readonly maxMs: number
  /** The first wait after a refused password, ms: cameras lock out who tries too often. Default 120 000. */
  readonly authFirstMs: number
  /** Default 900 000. */
  readonly authMaxMs: number
}

export const DEFAULT_BACKOFF: BackoffPolicy = {
  firstMs: 1000,
  maxMs: 60_000,
  authFirstMs: 120_000,
  authMaxMs: 900_000,
}

/**
 * Full jitter (Brooker, "Exponential Backoff And Jitter", 2015): anywhere below the bound, so that cameras that went down with
 * one switch do not come back as a herd. A refused password waits at least half its bound.
 * @param failures in a row, this one included: 1, 2, …
 * @param random [0, 1)
 * @returns ms
 */
export function backoffMs(policy: BackoffPolicy, reason: LossReason, failures: number, random: number): number {
  const grown = 2 ** Math.min(failures - 1, 30)
  if (reason === 'auth') {
    const bound = Math.min(policy.authMaxMs, policy.authFirstMs * grown)
    return Math.round(bound * (0.5 + random / 2))
  }
  return Math.round(Math.min(policy.maxMs, policy.firstMs * grown) * random)
}
