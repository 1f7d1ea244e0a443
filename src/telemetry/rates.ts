/** Counts per subject over a sliding window, in buckets of one second. */

export interface Rates {
  /** `now` in ms on a steady clock. */
  add(subject: string, count: number, now: number): void
  /** The sum of the last `windowMs`. */
  count(subject: string, now: number): number
  delete(subject: string): void
}

export function createRates(windowMs: number): Rates {
  /** subject → second → count */
  const buckets = new Map<string, Map<number, number>>()
  return {
    add(subject, count, now) {
      const second = Math.floor(now / 1000)
      const own = buckets.get(subject) ?? new Map<number, number>()
      own.set(second, (own.get(second) ?? 0) + count)
      buckets.set(subject, own)
      if (own.size > (2 * windowMs) / 1000)
        for (const key of own.keys()) if (key < second - windowMs / 1000) own.delete(key)
    },
    count(subject, now) {
      const from = (now - windowMs) / 1000
      return [...(buckets.get(subject) ?? [])].reduce((sum, [second, count]) => sum + (second >= from ? count : 0), 0)
    },
    delete(subject) {
      buckets.delete(subject)
    },
  }
}
