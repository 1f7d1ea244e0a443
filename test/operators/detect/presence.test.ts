import { expect, test } from 'vitest'
import { type LeavesState, leavesStep, NOBODY } from '../../../src/operators/detect/leaves.ts'
import { ABSENT, lingersStep, type PresenceState } from '../../../src/operators/detect/lingers.ts'

const TRIGGER = { threshold: 0.6, release: 0.4, minOnMs: 1500, minOffMs: 2000 }

function sample(second: number, score: number) {
  return { at: second * 1000, score, rawScore: score, motion: 0, settled: 0 }
}

/** Seconds, one score each, at which the rule has evidence. */
function lingering(scores: readonly number[], lingerMs: number): number[] {
  let state: PresenceState = ABSENT
  return scores.flatMap((score, second) => {
    const [next, level] = lingersStep(state, sample(second, score), { lingerMs, trigger: TRIGGER })
    state = next
    return level >= TRIGGER.threshold ? [second] : []
  })
}

/** The same, and the second since when it is said to be so. */
function departures(scores: readonly number[], windowMs: number): (readonly [number, number])[] {
  let state: LeavesState = NOBODY
  return scores.flatMap((score, second) => {
    const [next, { level, since }] = leavesStep(state, sample(second, score), { windowMs, trigger: TRIGGER })
    state = next
    return level >= TRIGGER.threshold ? [[second, since / 1000] as const] : []
  })
}

function leaving(scores: readonly number[], windowMs: number): number[] {
  return departures(scores, windowMs).map(([second]) => second)
}

const there = (count: number) => Array<number>(count).fill(0.9)
const gone = (count: number) => Array<number>(count).fill(0.1)

test('lingers: evidence begins when it has been there long enough', () => {
  expect(lingering([...gone(2), ...there(6)], 4000)).toEqual([6, 7])
  expect(lingering([...there(4), ...gone(4), ...there(4)], 4000)).toEqual([])
})

test('lingers: a dip shorter than min_off does not start it over', () => {
  expect(lingering([...there(3), 0.1, ...there(2)], 4000)).toEqual([4, 5])
  expect(lingering([...there(3), ...gone(3), ...there(4)], 4000)).toEqual([])
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
