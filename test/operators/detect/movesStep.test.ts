import { expect, test } from 'vitest'
import { type MovesState, movesStep, NEVER_MOVED } from '../../../src/operators/detect/movesStep.ts'

interface Second {
  readonly motion: number
  readonly score: number
}

const times = (count: number, second: Second): Second[] => Array.from({ length: count }, () => second)
const NOBODY: Second = { motion: 0, score: 0.05 }
const WALKER: Second = { motion: 0.02, score: 0.9 }
const STANDING: Second = { motion: 0, score: 0.85 }
const PASSING_CAR: Second = { motion: 0.1, score: 0.9 }

/** The evidence, a sample a second. */
function evidence(seconds: readonly Second[], motionWindowMs = 1000): number[] {
  let state: MovesState = NEVER_MOVED
  return seconds.map(({ motion, score }, second) => {
    const [next, each] = movesStep(
      state,
      { at: second * 1000, score, rawScore: score, motion, settled: 0 },
      { motionWindowMs },
    )
    state = next
    return each
  })
}

test('the score counts while the picture moves, and for the window after it', () => {
  const calm = { motion: 0, score: 0.9 }
  expect(evidence([NOBODY, NOBODY, WALKER, calm, calm, calm, calm], 2000)).toEqual([0, 0, 0.9, 0.9, 0.9, 0, 0])
})

test('who stands still from the first frame on is no event, however well the words fit', () => {
  expect(evidence(times(20, STANDING))).toEqual(Array(20).fill(0))
})

test('who walks when the camera begins is seen from the second frame on: the first has no motion yet', () => {
  expect(evidence([{ motion: 0, score: 0.9 }, WALKER, WALKER])).toEqual([0, 0.9, 0.9])
})

test('a car that passes people who stand makes no walkers of them, before nor after it has gone', () => {
  const seconds = [...times(5, STANDING), ...times(4, PASSING_CAR), ...times(5, STANDING)]
  expect(evidence(seconds)).toEqual(Array(14).fill(0))
})

test('a walker among people who stand counts once the words fit clearly better than before', () => {
  const faint = { motion: 0, score: 0.5 }
  expect(evidence([...times(5, faint), { motion: 0.02, score: 0.6 }, { motion: 0.02, score: 0.75 }])).toEqual([
    0, 0, 0, 0, 0, 0, 0.75,
  ])
})

test('who has walked in goes on counting while the score dips, until the picture is calm', () => {
  const dip = { motion: 0.02, score: 0.3 }
  expect(evidence([NOBODY, NOBODY, WALKER, dip, WALKER, ...times(3, STANDING), WALKER])).toEqual([
    0, 0, 0.9, 0.3, 0.9, 0.85, 0, 0, 0,
  ])
})

test('what stood there is forgotten while the picture goes on moving', () => {
  const seconds = [...times(5, STANDING), ...times(60, PASSING_CAR)]
  const found = evidence(seconds)
  expect(found.slice(0, 10)).toEqual(Array(10).fill(0))
  expect(found.at(-1)).toBe(0.9)
})

test('one restless block of 784 is no movement, two are', () => {
  const restless = (blocks: number) => ({ motion: blocks / 784, score: 0.9 })
  expect(evidence([NOBODY, restless(1), NOBODY, restless(2)], 0)).toEqual([0, 0, 0, 0.9])
})

test('words that do not fit stay without evidence, whatever moves', () => {
  expect(evidence([NOBODY, ...times(3, { motion: 0.5, score: 0.05 })])).toEqual([0, 0, 0, 0])
})
