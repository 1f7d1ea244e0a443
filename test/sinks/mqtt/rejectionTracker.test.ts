import { expect, it } from 'vitest'
import { createRejectionTracker } from '../../../src/sinks/mqtt/rejectionTracker.ts'

const picture = { topic: 'snapshot', bytes: 50_000 }
const state = { topic: 'state', bytes: 100 }
const other = { topic: 'availability', bytes: 110 }

it('tracker packets in flight, and blocks a packet that was alone at the second loss', () => {
  const tracker = createRejectionTracker(() => 0)
  tracker.acknowledged(other)
  expect(tracker.lost([picture, state])).toEqual([])
  expect([picture, state, other].map(tracker.isSuspect)).toEqual([true, true, false])
  tracker.acknowledged(state)
  expect(tracker.isSuspect(state)).toBe(false)
  expect(tracker.lost([picture])).toEqual([picture])
  expect(tracker.verdict(picture)).toBe('too-large')
})

it('blames the size when no packet as large was accepted, and then sends no larger one', () => {
  const tracker = createRejectionTracker(() => 0)
  tracker.lost([picture])
  tracker.lost([picture])
  expect(tracker.verdict({ topic: 'another', bytes: 60_000 })).toBe('too-large')
  expect(tracker.verdict({ topic: 'snapshot', bytes: 40_000 })).toBeNull()
  // The limit is known by now: one more loss shows that it is lower.
  expect(tracker.lost([{ topic: 'another', bytes: 40_000 }])).toHaveLength(1)
  expect(tracker.verdict({ topic: 'snapshot', bytes: 40_000 })).toBe('too-large')
})

it('blames the topic when a packet as large was accepted', () => {
  const tracker = createRejectionTracker(() => 0)
  tracker.acknowledged({ topic: 'discovery', bytes: 60_000 })
  tracker.lost([picture])
  expect(tracker.lost([picture])).toEqual([])
  expect(tracker.lost([picture])).toEqual([picture])
  expect(tracker.verdict({ topic: 'snapshot', bytes: 10 })).toBe('refused')
  expect(tracker.verdict({ topic: 'another', bytes: 60_000 })).toBeNull()
})

it('never blames a small size: no message would be sent', () => {
  const tracker = createRejectionTracker(() => 0)
  for (let n = 0; n < 3; n++) tracker.lost([state])
  expect(tracker.verdict(state)).toBe('refused')
  expect(tracker.verdict({ topic: 'another', bytes: 200 })).toBeNull()
})

it('blocks no packet while several are in flight', () => {
  const tracker = createRejectionTracker(() => 0)
  for (let n = 0; n < 5; n++) expect(tracker.lost([picture, state])).toEqual([])
  expect(tracker.verdict(picture)).toBeNull()
})

it('tries again after a while: the settings of a broker may change', () => {
  let now = 0
  const tracker = createRejectionTracker(() => now)
  for (const packet of [picture, picture, state, state, state]) tracker.lost([packet])
  now = 11 * 60_000
  expect(tracker.verdict(state)).toBeNull()
  expect(tracker.verdict(picture)).toBe('too-large')
  now = 61 * 60_000
  expect(tracker.verdict(picture)).toBeNull()
})
