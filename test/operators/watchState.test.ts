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
  motion: { enabled: true, threshold: 0.004, keepaliveMs: 10_000 },
  events,
})
const plan: WatchState = {
  cameras: [camera('street', ['car', 'person']), camera('yard', ['person'])],
  events: [event('person'), event('car')],
  texts: { variant: 'fake', logitScale: 1, calibration: { centre: 0, width: 1 }, events: [] },
}
const watched = (changed: WatchState) => [watchedEvents(changed, 'street'), watchedEvents(changed, 'yard')]

test('what a camera watches, by its list and in the plan’s order', () => {
  expect(watched(plan)).toEqual([['person', 'car'], ['person']])
  expect(watchedEvents(plan, 'unknown')).toEqual([])
  expect([...rulesOf(plan, 'yard').keys()]).toEqual(['person'])
  expect([smoothingOf(plan, 'car'), smoothingOf(plan, 'unknown')]).toEqual([1000, 0])
})

test('an event is switched off and on, everywhere or on one camera', () => {
  const off = applyCommand(plan, { type: 'event', event: 'person', camera: null, enabled: false })
  expect(watched(off)).toEqual([['car'], []])
  const here = applyCommand(plan, { type: 'event', event: 'person', camera: 'street', enabled: false })
  expect(watched(here)).toEqual([['car'], ['person']])
  const added = applyCommand(plan, { type: 'event', event: 'car', camera: 'yard', enabled: true })
  expect(watched(added)).toEqual([
    ['person', 'car'],
    ['person', 'car'],
  ])
  expect(watched(applyCommand(added, { type: 'event', event: 'car', camera: 'yard', enabled: true }))).toEqual(
    watched(added),
  )
})

test('a camera that is switched off watches nothing', () => {
  const off = applyCommand(plan, { type: 'camera', camera: 'street', enabled: false })
  expect(watched(off)).toEqual([[], ['person']])
  expect(watched(applyCommand(off, { type: 'camera', camera: 'street', enabled: true }))).toEqual(watched(plan))
})

test('a threshold takes its releaseThreshold along, and never below 0', () => {
  const triggerOf = (threshold: number) =>
    rulesOf(applyCommand(plan, { type: 'threshold', event: 'car', threshold }), 'street').get('car')?.trigger
  expect(triggerOf(0.8)).toMatchObject({ threshold: 0.8, releaseThreshold: expect.closeTo(0.65, 9) })
  expect(triggerOf(0.1)).toMatchObject({ threshold: 0.1, releaseThreshold: 0 })
})

test('a whole plan replaces the old one; a request for a picture changes nothing', () => {
  const other = { ...plan, events: [] }
  expect(applyCommand(plan, { type: 'plan', plan: other })).toBe(other)
  expect(applyCommand(plan, { type: 'snapshot', camera: 'street', deliver: () => {} })).toBe(plan)
})

test('names that are not there change nothing', () => {
  for (const control of [
    { type: 'camera', camera: 'x', enabled: false },
    { type: 'event', event: 'x', camera: null, enabled: false },
    { type: 'threshold', event: 'x', threshold: 0.1 },
  ] as const)
    expect(applyCommand(plan, control)).toEqual(plan)
})
