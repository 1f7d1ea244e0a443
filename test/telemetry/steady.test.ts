import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HealthState } from '../../src/telemetry/internalEvents.ts'
import { HELD_MS, type Steadied, steady } from '../../src/telemetry/steady.ts'

/** State after each measurement, `EVERY_MS` apart. o: ok, w: warning, c: critical. */
function run(measured: string): string {
  let steadied: Steadied | null = null
  return [...measured]
    .map((letter, step) => {
      steadied = steady(steadied, STATES[letter as keyof typeof STATES], step * EVERY_MS)
      return steadied.state.charAt(0)
    })
    .join('')
}

const EVERY_MS = 5000
const STATES = { o: 'ok', w: 'warning', c: 'critical' } as const

test.each([
  ['what is well is well at once', 'ooo', 'ooo'],
  ['worse at once, better after half a minute', 'owooooooo', 'owwwwwwoo'],
  ['a value that fluctuates around its limit is reported once', 'owowowooowowoooowoo', 'owwwwwwwwwwwwwwwwww'],
  ['critical is left after ten seconds, and is a warning for the rest', 'ocooooooo', 'occwwwwoo'],
  ['critical hovers above warning', 'wcwcwcwww', 'wccccccww'],
])('%s', (_, measured, expected) => {
  expect(run(measured)).toBe(expected)
})

test('is never better than the measured state, and no state ends before its time', () => {
  const rank = { ok: 0, warning: 1, critical: 2 }
  const step = fc.record({ state: fc.constantFrom<HealthState>('ok', 'warning', 'critical'), ms: fc.nat(20_000) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      let steadied: Steadied | null = null
      let now = 0
      const seen: { state: HealthState; at: number }[] = []
      for (const { state, ms } of steps) {
        now += ms
        seen.push({ state, at: now })
        steadied = steady(steadied, state, now)
        // Said another way: the worst of what was measured in the time that each state is held.
        const worst = seen
          .filter(each => each.state !== 'ok')
          .flatMap(each => [
            ...(each.state === 'critical' && now - each.at < HELD_MS.critical ? [2] : []),
            ...(now - each.at < HELD_MS.warning ? [1] : []),
          ])
        expect(rank[steadied.state]).toBe(Math.max(0, ...worst))
        expect(rank[steadied.state]).toBeGreaterThanOrEqual(rank[state])
      }
    }),
    { seed: 5 },
  )
})
