import { expect, test } from 'vitest'
import { type LeavesState, leavesStep, NOT_PRESENT } from '../../../src/operators/detect/leavesStep.ts'
import { ABSENT, loitersStep, type PresenceState } from '../../../src/operators/detect/loitersStep.ts'

const TRIGGER = { threshold: 0.6, releaseThreshold: 0.4, minOnMs: 1500, minOffMs: 2000 }

function sample(second: number, score: number) {
  return { at: second * 1000, score, rawScore: score, motion: 0, settled: 0 }
}

/** Seconds, one score each, at which the rule has evidence. */
function loitering(scores: readonly number[], dwellMs: number): number[] {
  let state: PresenceState = ABSENT
  return scores.flatMap((score, second) => {
    const [next, level] = loitersStep(state, sample(second, score), { dwellMs, trigger: TRIGGER })
    state = next
    return level >= TRIGGER.threshold ? [second] : []
  })
}

/** The same, and the second since when it is said to be so. */
function departures(scores: readonly number[], holdMs: number): (readonly [number, number])[] {
  let state: LeavesState = NOT_PRESENT
  return scores.flatMap((score, second) => {
    const [next, { level, since }] = leavesStep(state, sample(second, score), { holdMs, trigger: TRIGGER })
    state = next
    return level >= TRIGGER.threshold ? [[second, since / 1000] as const] : []
  })
}

function leaving(scores: readonly number[], holdMs: number): number[] {
  return departures(scores, holdMs).map(([second]) => second)
}

const there = (count: number) => Array<number>(count).fill(0.9)
const gone = (count: number) => Array<number>(count).fill(0.1)

test('loiters: evidence begins when it has been there long enough', () => {
  expect(loitering([...gone(2), ...there(6)], 4000)).toEqual([6, 7])
  expect(loitering([...there(4), ...gone(4), ...there(4)], 4000)).toEqual([])
})

test('loiters: a dip shorter than min_off does not start it over', () => {
  expect(loitering([...there(3), 0.1, ...there(2)], 4000)).toEqual([4, 5])
  expect(loitering([...there(3), ...gone(3), ...there(4)], 4000)).toEqual([])
})

test('leaves: evidence when it has gone, for as long as the window', () => {
  expect(leaving([...there(5), ...gone(10)], 4000)).toEqual([7, 8, 9, 10])
})

test('leaves: it has been gone since its score fell, though that is certain later', () => {
  const fell = [7, 8, 9, 10].map(second => [second, 5])
  expect(departures([...there(5), ...gone(10)], 4000)).toEqual(fell)
  expect(departures([...there(3), 0.1, 0.9, ...gone(10)], 4000)).toEqual(fell)
})

test('leaves: what was never there, was there for a blink or comes back has not left', () => {
  expect(leaving(gone(10), 4000)).toEqual([])
  expect(leaving([0.9, ...gone(10)], 4000)).toEqual([])
  expect(leaving([...there(5), 0.1, ...there(5)], 4000)).toEqual([])
  expect(leaving([...there(5), ...gone(3), ...there(3)], 9000)).toEqual([7])
})
