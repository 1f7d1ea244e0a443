/** How long to wait before the next attempt at a camera. */

import type { LossReason } from '../types.ts'
import { backoffDelay } from '../util/backoff.ts'

export interface BackoffPolicy {
  /** Upper bound of the first wait, ms. Default 1000. */
  readonly firstMs: number
  /** Upper bound of the next waits, ms, `quickRetries` of them; from then on it grows by half with each failure. Default 2000. */
  readonly quickMs: number
  /** Default 6: a camera that restarts or a cable that was pulled is back at once. */
  readonly quickRetries: number
  /** Upper bound of every wait, ms. Default 60 000. */
  readonly maxMs: number
  /** The first wait after a refused password, ms: cameras lock out who tries too often. Default 120 000. */
  readonly authFirstMs: number
  /** Default 900 000. */
  readonly authMaxMs: number
}

export const DEFAULT_BACKOFF: BackoffPolicy = {
  firstMs: 1000,
  quickMs: 2000,
  quickRetries: 6,
  maxMs: 60_000,
  authFirstMs: 120_000,
  authMaxMs: 900_000,
}

const GROWTH = 1.5

/**
 * The wait stays in proportion to the outage: a camera that was away for 4 s is back within 2 s, one that was away for an
 * hour within a minute. Anywhere in the upper half of the bound (Brooker, "Exponential Backoff And Jitter", 2015, "equal
 * jitter"), so that cameras that went down with one switch do not come back at one moment. The first wait may be none at all.
 * @param failures in a row, this one included: 1, 2, …
 * @param random [0, 1)
 * @returns ms
 */
export function backoffMs(policy: BackoffPolicy, reason: LossReason, failures: number, random: number): number {
  const { firstMs, quickMs, quickRetries, maxMs, authFirstMs, authMaxMs } = policy
  if (reason === 'auth')
    return Math.round(backoffDelay({ firstMs: authFirstMs, maxMs: authMaxMs, jitter: 0.5 }, failures, random))
  if (failures === 1) return Math.round(backoffDelay({ firstMs, maxMs: firstMs, jitter: 1 }, failures, random))
  const later = { firstMs: quickMs, maxMs, factor: GROWTH, jitter: 0.5 }
  return Math.round(backoffDelay(later, failures - quickRetries, random))
}
