import { describe, expect, test } from 'vitest'
import { type OddsAnswer, oddsOf } from '../../src/scoring/oddsOf.ts'
import { createRandom } from '../../src/util/random.ts'
import { sigmoid } from '../../src/util/vector.ts'

const answers = (camera: string, count: number, right: number): OddsAnswer[] =>
  Array.from({ length: count }, (_, i) => ({ camera, yes: i < right, logOdds: 1 }))
const asked = { camera: 'front', logOdds: 1 }

test('without answers there are no odds', () => {
  expect(oddsOf([], asked)).toBeNull()
})

test('odds follow the answers, cautiously at first', () => {
  const odds = [1, 3, 10, 50].map(count => oddsOf(answers('front', count, count), asked) as number)
  expect(odds).toEqual([...odds].sort((a, b) => a - b))
  expect(odds[0]).toBeGreaterThan(0.5)
  expect(odds[0]).toBeLessThan(0.8)
  expect(odds[3]).toBeGreaterThan(0.9)
  expect(oddsOf(answers('front', 100, 50), asked)).toBeCloseTo(0.5, 1)
})

test('right and wrong exchanged exchange the odds', () => {
  const given = answers('front', 10, 7)
  const exchanged = given.map(one => ({ ...one, yes: !one.yes }))
  expect(oddsOf(exchanged, asked)).toBeCloseTo(1 - (oddsOf(given, asked) as number), 9)
})

test('a camera without answers has the odds of the others, less surely; one with many has its own', () => {
  const elsewhere = answers('back', 40, 38)
  const borrowed = oddsOf(elsewhere, asked) as number
  expect(borrowed).toBeGreaterThan(0.6)
  expect(borrowed).toBeLessThan(oddsOf(elsewhere, { camera: 'back', logOdds: 1 }) as number)
  expect(oddsOf([...elsewhere, ...answers('front', 40, 4)], asked)).toBeLessThan(0.25)
})

test('where higher peaks were right more often, a higher peak has better odds', () => {
  const random = createRandom('peaks')
  const given = Array.from({ length: 60 }, () => {
    const logOdds = random.between(-1, 4)
    return { camera: 'front', logOdds, yes: random.chance(sigmoid(2 * logOdds - 3)) }
  })
  const odds = [-1, 1, 3].map(logOdds => oddsOf(given, { camera: 'front', logOdds }) as number)
  expect(odds).toEqual([...odds].sort((a, b) => a - b))
  expect((odds[2] as number) - (odds[0] as number)).toBeGreaterThan(0.4)
})

describe('odds', () => {
  test('are in (0, 1) for any peak', () => {
    for (const logOdds of [-1e9, -5, 0, 5, 1e9, Number.MAX_VALUE])
      for (const right of [0, 7, 20]) {
        const odds = oddsOf(answers('front', 20, right), { camera: 'front', logOdds }) as number
        expect(odds > 0 && odds < 1).toBe(true)
      }
  })

  test('of the newest answers count', () => {
    expect(oddsOf([...answers('front', 500, 500), ...answers('front', 100, 0)], asked)).toBeLessThan(0.05)
  })
})
