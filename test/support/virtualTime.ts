/** Runs streams on virtual time: an hour takes milliseconds, with the same result each time. */

import { asyncScheduler } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { expect } from 'vitest'

/** Runs `setUp`, then all that it scheduled, then what it returned. */
export function virtually(setUp: () => undefined | (() => void)): void {
  marbles().run(({ flush }) => {
    const afterwards = setUp()
    flush()
    afterwards?.()
  })
}

/** Within `virtually`: calls it at this many ms from now. */
export function later(ms: number, call: () => void): void {
  asyncScheduler.schedule(call, ms)
}

export function marbles(): TestScheduler {
  return new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected)
  })
}
