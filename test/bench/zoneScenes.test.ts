import { describe, expect, test } from 'vitest'
import { type EventName, momentsOf, spansInside, zonesOf } from '../../bench/zoneScenes.ts'
import { createWorld } from '../../src/demo/world/createWorld.ts'
import { VIEWS } from '../../src/demo/world/world.ts'

const EVENTS: readonly EventName[] = ['person_walking', 'vehicle_stopping', 'crowded_scene']

describe.each(VIEWS)('far %s', view => {
  const world = createWorld({
    seed: `zones of ${view}`,
    view,
    distance: 'far',
    durationSeconds: 300,
    light: 'day',
    weather: 'clear',
    width: 1280,
    height: 720,
    startTime: 0,
  })
  const zones = zonesOf(view)
  const moments = momentsOf(world)

  test('the corners of zones lie in the image', () => {
    for (const [x, y] of Object.values(zones).flat()) {
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x).toBeLessThanOrEqual(1)
      expect(y).toBeGreaterThanOrEqual(0)
      expect(y).toBeLessThanOrEqual(1)
    }
  })

  test.each(EVENTS)('%s happens, but never in the quiet zone', event => {
    expect(world.timeline().filter(span => span.event === event).length).toBeGreaterThan(0)
    expect(spansInside(moments, zones.quiet, event)).toEqual([])
  })

  test('people walk and vehicles stop in the others', () => {
    expect(spansInside(moments, zones.walk, 'person_walking').length).toBeGreaterThan(0)
    expect(spansInside(moments, zones.road, 'vehicle_stopping').length).toBeGreaterThan(0)
  })
})
