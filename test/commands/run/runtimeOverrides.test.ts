import { expect, test } from 'vitest'
import { createRuntimeOverrides } from '../../../src/commands/run/runtimeOverrides.ts'
import { watchStateOf } from '../../../src/commands/watchStateOf.ts'
import { parseConfig } from '../../../src/config/loadConfig.ts'
import { readLibrary } from '../../../src/config/promptLibrary.ts'
import { NO_TEXTS } from '../../support/noTexts.ts'

const read = (more = '') =>
  parseConfig(`cameras: { yard: { url: rtsp://h/1, fps: 1 }, door: { url: rtsp://h/2, fps: 1 } }\n${more}`, 'x.yaml', {
    library: readLibrary(),
    env: {},
  }).config
const EVENTS = 'events: { walk: { use: person_walking, threshold: 0.6 }, stop: { use: vehicle_stopping } }'

/** What a reload puts in force after these were asked for. */
function reload(before = read(EVENTS), after = read(EVENTS)) {
  const overrides = createRuntimeOverrides()
  overrides.add({ type: 'camera', camera: 'yard', enabled: true })
  overrides.add({ type: 'camera', camera: 'yard', enabled: false })
  overrides.add({ type: 'threshold', event: 'walk', threshold: 0.9 })
  overrides.add({ type: 'event', event: 'stop', camera: 'door', enabled: false })
  overrides.add({ type: 'snapshot', camera: 'door', deliver: () => undefined })
  const plan = overrides.applyTo(watchStateOf(after, NO_TEXTS), before, after)
  return {
    on: plan.cameras.filter(({ enabled }) => enabled).map(({ camera }) => camera),
    door: plan.cameras.find(({ camera }) => camera === 'door')?.events,
    threshold: plan.events.find(({ event }) => event === 'walk')?.rule.trigger.threshold,
  }
}

test('a camera that was switched off is not switched on by a reload of something else', () => {
  expect(reload()).toEqual({ on: ['door'], door: ['walk'], threshold: 0.9 })
})

test('a camera or event that the new config changes loses its earlier request', () => {
  const faster = read(EVENTS)
  faster.cameras.yard = { ...faster.cameras.yard, fps: 5 } as never
  expect(reload(read(EVENTS), faster)).toEqual({ on: ['yard', 'door'], door: ['walk'], threshold: 0.9 })
  const other = read(EVENTS.replace('0.6', '0.7'))
  expect(reload(read(EVENTS), other)).toEqual({ on: ['door'], door: ['walk'], threshold: 0.7 })
})

test('requests for removed cameras and events are dropped', () => {
  const before = read(EVENTS)
  const after = read(EVENTS)
  delete (after.cameras as Record<string, unknown>).yard
  expect(reload(before, after).on).toEqual(['door'])
})
