/** Repeats a request to the hub after network errors and 5xx, at least as late as the hub asks for. */

import { setTimeout as delay } from 'node:timers/promises'
import { type Backoff, backoffDelay } from '../util/backoff.ts'
import { WatchwordError } from '../util/errors.ts'
import { retryAfterOf } from './hubErrors.ts'

/**
 * Delay before attempt n, counted from 1 since the last progress; the hub may have asked for `askedMs`.
 * Default: 0.5 s, doubling, and at least what the hub asked for.
 */
export type RetryDelay = (attempt: number, askedMs: number) => number

export interface RetryOptions {
  readonly retryDelayMs?: RetryDelay | undefined
  /** Whether the failed attempt brought something new: then the attempts are counted from 1 again. */
  readonly hasProgress?: () => boolean
  /** Called after a wait that the hub asked for. */
  readonly onWaited?: (ms: number) => void
  /** The error to report after the last attempt. */
  readonly failure: (error: unknown) => WatchwordError
}

/** Attempts without progress. */
const MAX_ATTEMPTS = 5
const RETRY: Backoff = { firstMs: 500, maxMs: 8000 }
const defaultRetryDelayMs: RetryDelay = (attempt, askedMs) => Math.max(askedMs, backoffDelay(RETRY, attempt))
/** A hub that asks for more than this is not waited for. */
const LONGEST_WAIT_MS = 60_000

/** @throws WatchwordError `failure` after the last attempt; at once what a retry cannot change */
export async function retryRequest<T>(request: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { retryDelayMs = defaultRetryDelayMs, hasProgress, onWaited, failure } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return await request()
    } catch (error) {
      if (hasProgress?.()) attempt = 1
      const askedMs = retryAfterOf(error)
      if (!isRetryable(error) || askedMs > LONGEST_WAIT_MS) throw error
      if (attempt >= MAX_ATTEMPTS) throw failure(error)
      const before = performance.now()
      await delay(retryDelayMs(attempt, askedMs))
      if (askedMs > 0) onWaited?.(performance.now() - before)
    }
  }
}

/** Network errors and 5xx, not 401, 403 or 404. */
function isRetryable(error: unknown): boolean {
  return !(error instanceof WatchwordError) || error.code === 'hub-failed'
}
