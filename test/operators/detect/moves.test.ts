import { expect, test } from 'vitest'
import { type MovesState, movesStep, NEVER_MOVED } from '../../../src/operators/detect/moves.ts'

/** The evidence, a sample a second. */
function moving(motions: readonly number[], windowMs: number, score = 0.9): number[] {
  let state: MovesState = NEVER_MOVED
  return motions.map((motion, second) => {
    const [next, evidence] = movesStep(
      state,
      { at: second * 1000, score, rawScore: score, motion, settled: 0 },
      { windowMs },
    )
    state = next
    return evidence
  })
}

test('the score counts while the picture moves, and for the window after it', () => {
  expect(moving([0, 0, 0.02, 0, 0, 0, 0, 0.02], 2000)).toEqual([0, 0, 0.9, 0.9, 0.9, 0, 0, 0.9])
})

test('who stands still from the first frame on is no event, however well the words fit', () => {
  expect(moving(Array(20).fill(0), 2000, 1)).toEqual(Array(20).fill(0))
})

test('one restless block of 784 is no movement, two are', () => {
  expect(moving([1 / 784, 1 / 784], 0)).toEqual([0, 0])
  expect(moving([2 / 784], 0)).toEqual([0.9])
})

test('words that do not fit stay without evidence, whatever moves', () => {
  expect(moving([0.5, 0.5], 2000, 0.05)).toEqual([0.05, 0.05])
})
