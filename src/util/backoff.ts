/** Computes how long to wait before the next attempt. */

export interface Backoff {
  /** Upper bound of the first wait, ms. */
  readonly firstMs: number
  /** Upper bound of every wait, ms. */
  readonly maxMs: number
  /** Growth of the bound per failure. Default 2. */
  readonly factor?: number
  /** Fraction of the bound that is random, [0, 1]: 0.5 waits between half of the bound and the bound. Default 0. */
  readonly jitter?: number
}

/** Keeps `factor ** failures` finite. */
const MAX_EXPONENT = 60

/**
 * Exponential back-off with jitter, so that clients that failed together do not all retry together (Brooker,
 * "Exponential Backoff And Jitter", 2015).
 * @param failures in a row, the latest included: 1, 2, …
 * @param random [0, 1)
 * @returns ms
 */
export function backoffDelay(
  { firstMs, maxMs, factor = 2, jitter = 0 }: Backoff,
  failures: number,
  random = 1,
): number {
  const exponent = Math.min(Math.max(0, failures - 1), MAX_EXPONENT)
  return Math.min(maxMs, firstMs * factor ** exponent) * (1 - jitter + jitter * random)
}
