import { expect, it } from 'vitest'
import { createRejectionTracker } from '../../../src/sinks/mqtt/rejectionTracker.ts'

const picture = { topic: 'snapshot', bytes: 50_000 }
const state = { topic: 'state', bytes: 100 }
const other = { topic: 'availability', bytes: 110 }

it('tracker what was in flight, and judges what was alone at the second loss', () => {
  const tracker = createRejectionTracker(() => 0)
  tracker.acknowledged(other)
  expect(tracker.lost([picture, state])).toEqual([])
  expect([picture, state, other].map(tracker.isSuspect)).toEqual([true, true, false])
  tracker.acknowledged(state)
  expect(tracker.isSuspect(state)).toBe(false)
  expect(tracker.lost([picture])).toEqual([picture])
  expect(tracker.verdict(picture)).toBe('too-large')
})

it('takes its size for the reason when nothing as large was taken, and then tries nothing larger', () => {
  const tracker = createRejectionTracker(() => 0)
  tracker.lost([picture])
  tracker.lost([picture])
  expect(tracker.verdict({ topic: 'another', bytes: 60_000 })).toBe('too-large')
  expect(tracker.verdict({ topic: 'snapshot', bytes: 40_000 })).toBeNull()
  // That there is a limit is known by now: one loss tells that it is lower.
  expect(tracker.lost([{ topic: 'another', bytes: 40_000 }])).toHaveLength(1)
  expect(tracker.verdict({ topic: 'snapshot', bytes: 40_000 })).toBe('too-large')
})

it('takes its topic for the reason when something as large was taken', () => {
  const tracker = createRejectionTracker(() => 0)
  tracker.acknowledged({ topic: 'discovery', bytes: 60_000 })
  tracker.lost([picture])
  expect(tracker.lost([picture])).toEqual([])
  expect(tracker.lost([picture])).toEqual([picture])
  expect(tracker.verdict({ topic: 'snapshot', bytes: 10 })).toBe('refused')
  expect(tracker.verdict({ topic: 'another', bytes: 60_000 })).toBeNull()
})

it('never takes a small size for the reason: everything would be silent', () => {
  const tracker = createRejectionTracker(() => 0)
  for (let n = 0; n < 3; n++) tracker.lost([state])
  expect(tracker.verdict(state)).toBe('refused')
  expect(tracker.verdict({ topic: 'another', bytes: 200 })).toBeNull()
})

it('judges nothing while several are in flight', () => {
  const tracker = createRejectionTracker(() => 0)
  for (let n = 0; n < 5; n++) expect(tracker.lost([picture, state])).toEqual([])
  expect(tracker.verdict(picture)).toBeNull()
})

it('tries again after a while: a broker is set up anew', () => {
  let now = 0
  const tracker = createRejectionTracker(() => now)
  for (const packet of [picture, picture, state, state, state]) tracker.lost([packet])
  now = 11 * 60_000
  expect(tracker.verdict(state)).toBeNull()
  expect(tracker.verdict(picture)).toBe('too-large')
  now = 61 * 60_000
  expect(tracker.verdict(picture)).toBeNull()
})
