/** Decides whether the wall clock is reliable: it must run evenly for a while, measured by the steady clock. */

export interface Clocks {
  /** ms since the epoch. */
  readonly wall: () => number
  /** ms on a clock that is never set. */
  readonly steady: () => number
}

/** A larger difference between the two clocks since the last look means that the wall clock was set. */
const JUMP_MS = 60_000

export interface ClockTrust {
  /** Call it often: it compares the clock with the previous call. */
  isTrusted(): boolean
}

/** @param forMs how long the wall clock has to run evenly */
export function createClockTrust({ wall, steady }: Clocks, forMs: number): ClockTrust {
  let evenSince = steady()
  let offset = wall() - steady()
  return {
    isTrusted: () => {
      const now = wall() - steady()
      if (Math.abs(now - offset) > JUMP_MS) evenSince = steady()
      offset = now
      return steady() - evenSince >= forMs
    },
  }
}
