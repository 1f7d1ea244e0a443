import { expect, test } from 'vitest'
import { independentImages } from '../../src/scoring/independentImages.ts'
import { createRandom } from '../../src/util/random.ts'

const QUIET = { location: 0, spread: 1 }

/** Each value keeps this fraction of the one before: 0 is independent, close to 1 drifts slowly. */
function drifting(count: number, kept: number): number[] {
  const random = createRandom(`drift ${kept}`)
  let value = random.normal(0, 1)
  return Array.from({ length: count }, () => {
    value = kept * value + random.normal(0, Math.sqrt(1 - kept ** 2))
    return value
  })
}

test('independent margins are worth about their number', () => {
  const worth = independentImages(drifting(600, 0), QUIET)
  expect(worth).toBeGreaterThan(300)
  expect(worth).toBeLessThanOrEqual(600)
})

test('the more alike neighbours are, the fewer images they are worth', () => {
  const [fast, medium, slow] = [0.5, 0.9, 0.99].map(kept => independentImages(drifting(600, kept), QUIET)) as [
    number,
    number,
    number,
  ]
  // In theory 600 · (1 − kept) / (1 + kept): 200, 32 and 3. Batch means see no drift longer than a block.
  expect(fast).toBeLessThan(250)
  expect(medium).toBeLessThan(60)
  expect(slow).toBeLessThan(20)
  expect(fast).toBeGreaterThan(medium)
  expect(medium).toBeGreaterThan(slow)
})

test('taking more frames of the same seconds adds hardly any images', () => {
  const dense = drifting(3000, 0.998)
  const sparse = dense.filter((_, i) => i % 30 === 0)
  expect(independentImages(dense, QUIET)).toBeLessThan(3 * independentImages(sparse, QUIET))
})

test('one outlier does not decide, equal margins are worth one, very few margins are no error', () => {
  const margins = drifting(600, 0)
  const before = independentImages(margins, QUIET)
  margins[300] = 1e6
  expect(independentImages(margins, QUIET)).toBeGreaterThan(before / 2)
  expect(independentImages(Array(50).fill(0.3), QUIET)).toBe(1)
  expect(independentImages([0.1, 0.2], QUIET)).toBeGreaterThanOrEqual(1)
  expect(independentImages([0.1, 0.2], { location: 0.1, spread: 0 })).toBe(1)
})
