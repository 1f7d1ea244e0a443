import { describe, expect, test } from 'vitest'
import { quietLevel } from '../../src/scoring/quietLevel.ts'
import { createRandom } from '../../src/util/random.ts'

function normals(count: number, mean: number, deviation: number, seed = 'quiet'): number[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => random.normal(mean, deviation))
}

test('a normal distribution: its mean and standard deviation', () => {
  const { location, spread, eventFraction } = quietLevel(normals(2000, -3, 0.5))
  expect(location).toBeCloseTo(-3, 1)
  expect(spread).toBeCloseTo(0.5, 1)
  expect(eventFraction).toBe(0)
})

describe.each([0.05, 0.2, 0.4])('the event in %d of the images', share => {
  test('hardly moves the quiet level', () => {
    const count = 1000
    const events = Math.round(share * count)
    const margins = [...normals(count - events, 0, 1), ...normals(events, 6, 1, 'event')]
    const { location, spread, eventFraction } = quietLevel(margins)
    // The limit of the score is 3.5 spreads above the location: it stays between the two groups.
    expect(location + 3.5 * spread).toBeGreaterThan(2.5)
    expect(location + 3.5 * spread).toBeLessThan(5)
    expect(Math.abs(eventFraction - share)).toBeLessThan(share < 0.07 ? 0.06 : 0.05)
  })
})

test('images that are all alike have no spread, and a single one is its own level', () => {
  expect(quietLevel([2, 2, 2, 2])).toEqual({ location: 2, spread: 0, eventFraction: 0 })
  expect(quietLevel([-1])).toEqual({ location: -1, spread: 0, eventFraction: 0 })
})

test('does not depend on the order of the margins, and moves and scales with them', () => {
  const margins = [...normals(60, 1, 0.4), ...normals(20, 4, 0.4, 'event')]
  const level = quietLevel(margins)
  expect(quietLevel([...margins].reverse())).toEqual(level)
  const moved = quietLevel(margins.map(margin => 10 + 2 * margin))
  expect(moved.location).toBeCloseTo(10 + 2 * level.location, 9)
  expect(moved.spread).toBeCloseTo(2 * level.spread, 9)
})
