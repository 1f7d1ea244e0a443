import { expect, test } from 'vitest'
import {
  applyControl,
  type CameraPlan,
  type EventPlan,
  type Plan,
  rulesOf,
  smoothingOf,
  watchedEvents,
} from '../../src/operators/plan.ts'

const trigger = { threshold: 0.6, release: 0.45, minOnMs: 0, minOffMs: 0, cooldownMs: 0, maxDurationMs: 1e6 }
const event = (name: string): EventPlan => ({
  event: name,
  enabled: true,
  tauMs: 1000,
  rule: { rule: 'present', trigger },
})
const camera = (name: string, events: string[]): CameraPlan => ({
  camera: name,
  enabled: true,
  revision: '1',
  motion: { enabled: true, threshold: 0.004, keepaliveMs: 10_000 },
  events,
})
const plan: Plan = {
  cameras: [camera('street', ['car', 'person']), camera('yard', ['person'])],
  events: [event('person'), event('car')],
  texts: { variant: 'fake', logitScale: 1, calibration: { centre: 0, width: 1 }, events: [] },
}
const watched = (changed: Plan) => [watchedEvents(changed, 'street'), watchedEvents(changed, 'yard')]

test('what a camera watches, by its list and in the plan’s order', () => {
  expect(watched(plan)).toEqual([['person', 'car'], ['person']])
  expect(watchedEvents(plan, 'unknown')).toEqual([])
  expect([...rulesOf(plan, 'yard').keys()]).toEqual(['person'])
  expect([smoothingOf(plan, 'car'), smoothingOf(plan, 'unknown')]).toEqual([1000, 0])
})

test('an event is switched off and on, everywhere or on one camera', () => {
  const off = applyControl(plan, { type: 'event', event: 'person', camera: null, enabled: false })
  expect(watched(off)).toEqual([['car'], []])
  const here = applyControl(plan, { type: 'event', event: 'person', camera: 'street', enabled: false })
  expect(watched(here)).toEqual([['car'], ['person']])
  const added = applyControl(plan, { type: 'event', event: 'car', camera: 'yard', enabled: true })
  expect(watched(added)).toEqual([
    ['person', 'car'],
    ['person', 'car'],
  ])
  expect(watched(applyControl(added, { type: 'event', event: 'car', camera: 'yard', enabled: true }))).toEqual(
    watched(added),
  )
})

test('a camera that is switched off watches nothing', () => {
  const off = applyControl(plan, { type: 'camera', camera: 'street', enabled: false })
  expect(watched(off)).toEqual([[], ['person']])
  expect(watched(applyControl(off, { type: 'camera', camera: 'street', enabled: true }))).toEqual(watched(plan))
})

test('a threshold takes its release along, and never below 0', () => {
  const triggerOf = (threshold: number) =>
    rulesOf(applyControl(plan, { type: 'threshold', event: 'car', threshold }), 'street').get('car')?.trigger
  expect(triggerOf(0.8)).toMatchObject({ threshold: 0.8, release: expect.closeTo(0.65, 9) })
  expect(triggerOf(0.1)).toMatchObject({ threshold: 0.1, release: 0 })
})

test('a whole plan replaces the old one; a request for a picture changes nothing', () => {
  const other = { ...plan, events: [] }
  expect(applyControl(plan, { type: 'plan', plan: other })).toBe(other)
  expect(applyControl(plan, { type: 'snapshot', camera: 'street', deliver: () => {} })).toBe(plan)
})

test('names that are not there change nothing', () => {
  for (const control of [
    { type: 'camera', camera: 'x', enabled: false },
    { type: 'event', event: 'x', camera: null, enabled: false },
    { type: 'threshold', event: 'x', threshold: 0.1 },
  ] as const)
    expect(applyControl(plan, control)).toEqual(plan)
})
