import { expect, it } from 'vitest'
import { createSuspects } from '../../../src/sinks/mqtt/suspects.ts'

const picture = { topic: 'snapshot', bytes: 50_000 }
const state = { topic: 'state', bytes: 100 }
const other = { topic: 'availability', bytes: 110 }

it('suspects what was in flight, and judges what was alone at the second loss', () => {
  const suspects = createSuspects(() => 0)
  suspects.acknowledged(other)
  expect(suspects.lost([picture, state])).toEqual([])
  expect([picture, state, other].map(suspects.has)).toEqual([true, true, false])
  suspects.acknowledged(state)
  expect(suspects.has(state)).toBe(false)
  expect(suspects.lost([picture])).toEqual([picture])
  expect(suspects.verdict(picture)).toBe('too-large')
})

it('takes its size for the reason when nothing as large was taken, and then tries nothing larger', () => {
  const suspects = createSuspects(() => 0)
  suspects.lost([picture])
  suspects.lost([picture])
  expect(suspects.verdict({ topic: 'another', bytes: 60_000 })).toBe('too-large')
  expect(suspects.verdict({ topic: 'snapshot', bytes: 40_000 })).toBeNull()
  // That there is a limit is known by now: one loss tells that it is lower.
  expect(suspects.lost([{ topic: 'another', bytes: 40_000 }])).toHaveLength(1)
  expect(suspects.verdict({ topic: 'snapshot', bytes: 40_000 })).toBe('too-large')
})

it('takes its topic for the reason when something as large was taken', () => {
  const suspects = createSuspects(() => 0)
  suspects.acknowledged({ topic: 'discovery', bytes: 60_000 })
  suspects.lost([picture])
  expect(suspects.lost([picture])).toEqual([])
  expect(suspects.lost([picture])).toEqual([picture])
  expect(suspects.verdict({ topic: 'snapshot', bytes: 10 })).toBe('refused')
  expect(suspects.verdict({ topic: 'another', bytes: 60_000 })).toBeNull()
})

it('never takes a small size for the reason: everything would be silent', () => {
  const suspects = createSuspects(() => 0)
  for (let n = 0; n < 3; n++) suspects.lost([state])
  expect(suspects.verdict(state)).toBe('refused')
  expect(suspects.verdict({ topic: 'another', bytes: 200 })).toBeNull()
})

it('judges nothing while several are in flight', () => {
  const suspects = createSuspects(() => 0)
  for (let n = 0; n < 5; n++) expect(suspects.lost([picture, state])).toEqual([])
  expect(suspects.verdict(picture)).toBeNull()
})

it('tries again after a while: a broker is set up anew', () => {
  let now = 0
  const suspects = createSuspects(() => now)
  for (const packet of [picture, picture, state, state, state]) suspects.lost([packet])
  now = 11 * 60_000
  expect(suspects.verdict(state)).toBeNull()
  expect(suspects.verdict(picture)).toBe('too-large')
  now = 61 * 60_000
  expect(suspects.verdict(picture)).toBeNull()
})
