import { expect, test } from 'vitest'
import {
  applyCommand,
  rulesOf,
  smoothingOf,
  type WatchedCamera,
  type WatchedEvent,
  type WatchState,
  watchedEvents,
} from '../../src/operators/watchState.ts'

const trigger = { threshold: 0.6, releaseThreshold: 0.45, minOnMs: 0, minOffMs: 0, cooldownMs: 0, maxDurationMs: 1e6 }
const event = (name: string): WatchedEvent => ({
  event: name,
  enabled: true,
  tauMs: 1000,
  rule: { rule: 'present', trigger },
})
const camera = (name: string, events: string[]): WatchedCamera => ({
  camera: name,
  enabled: true,
  revision: '1',
  motion: { enabled: true, threshold: 0.004, refreshMs: 10_000 },
  events,
})
const state: WatchState = {
  cameras: [camera('street', ['car', 'person']), camera('yard', ['person'])],
  events: [event('person'), event('car')],
  texts: { variant: 'fake', logitScale: 1, calibration: { centre: 0, width: 1 }, events: [] },
}
const watched = (changed: WatchState) => [watchedEvents(changed, 'street'), watchedEvents(changed, 'yard')]

test('what a camera watches, by its list and in the state’s order', () => {
  expect(watched(state)).toEqual([['person', 'car'], ['person']])
  expect(watchedEvents(state, 'unknown')).toEqual([])
  expect([...rulesOf(state, 'yard').keys()]).toEqual(['person'])
  expect([smoothingOf(state, 'car'), smoothingOf(state, 'unknown')]).toEqual([1000, 0])
})

test('an event is switched off and on, everywhere or on one camera', () => {
  const off = applyCommand(state, { type: 'event', event: 'person', camera: null, enabled: false })
  expect(watched(off)).toEqual([['car'], []])
  const here = applyCommand(state, { type: 'event', event: 'person', camera: 'street', enabled: false })
  expect(watched(here)).toEqual([['car'], ['person']])
  const added = applyCommand(state, { type: 'event', event: 'car', camera: 'yard', enabled: true })
  expect(watched(added)).toEqual([
    ['person', 'car'],
    ['person', 'car'],
  ])
  expect(watched(applyCommand(added, { type: 'event', event: 'car', camera: 'yard', enabled: true }))).toEqual(
    watched(added),
  )
})

test('a camera that is switched off watches nothing', () => {
  const off = applyCommand(state, { type: 'camera', camera: 'street', enabled: false })
  expect(watched(off)).toEqual([[], ['person']])
  expect(watched(applyCommand(off, { type: 'camera', camera: 'street', enabled: true }))).toEqual(watched(state))
})

test('a threshold takes its releaseThreshold along, down to a third of it: at 0 no event would end', () => {
  const triggerOf = (threshold: number) =>
    rulesOf(applyCommand(state, { type: 'threshold', event: 'car', threshold }), 'street').get('car')?.trigger
  expect(triggerOf(0.8)).toMatchObject({ threshold: 0.8, releaseThreshold: expect.closeTo(0.65, 9) })
  expect(triggerOf(0.6)).toEqual(trigger)
  expect(triggerOf(0.1)).toMatchObject({ threshold: 0.1, releaseThreshold: expect.closeTo(0.1 / 3, 9) })
})

test('a whole state replaces the old one; a request for a picture changes nothing', () => {
  const other = { ...state, events: [] }
  expect(applyCommand(state, { type: 'replace', state: other })).toBe(other)
  expect(applyCommand(state, { type: 'snapshot', camera: 'street', deliver: () => {} })).toBe(state)
})

test('names that are not there change nothing', () => {
  for (const command of [
    { type: 'camera', camera: 'x', enabled: false },
    { type: 'event', event: 'x', camera: null, enabled: false },
    { type: 'threshold', event: 'x', threshold: 0.1 },
  ] as const)
    expect(applyCommand(state, command)).toEqual(state)
})
