import { describe, expect, test } from 'vitest'
import { createCamera } from '../../../../src/demo/world/createCamera.ts'
import { createWorld } from '../../../../src/demo/world/createWorld.ts'
import { createScript } from '../../../../src/demo/world/script/createScript.ts'
import { inTheWay, tooClose } from '../../../../src/demo/world/script/traffic.ts'
import { objectsAt, sceneOf } from '../../../../src/demo/world/truth.ts'
import { viewNamed } from '../../../../src/demo/world/views/viewNamed.ts'
import { type SceneObject, VIEWS, type ViewName } from '../../../../src/demo/world/world.ts'

function stageOf(name: ViewName, seed: number) {
  const view = viewNamed(name, 'far')
  const scene = sceneOf(view, createCamera(view.camera))
  return { view, scene, actors: createScript(view, { seed, durationSeconds: 600, raining: () => false }) }
}

const areaOf = ({ box }: SceneObject) => box[2] * box[3]

describe.each(VIEWS)('far %s', view => {
  const size = { width: 1280, height: 720 }
  const world = createWorld({
    seed: 'far',
    view,
    distance: 'far',
    durationSeconds: 600,
    light: 'day',
    weather: 'clear',
    ...size,
    startTime: 0,
  })
  const objects = Array.from({ length: 600 }, (_, second) => world.truthAt(second).objects)
    .flat()
    .filter(({ visible }) => visible > 0.95)

  test('people are 4 to 10 % of the image’s height, cars at most 3 % of its area', () => {
    const heights = objects.filter(({ kind }) => kind === 'person').map(({ box }) => box[3])
    const outside = heights.filter(height => height < 0.04 || height > 0.1)
    expect(heights.length).toBeGreaterThan(100)
    // Those who walk past the camera, with an umbrella or a hat.
    expect(outside.length / heights.length).toBeLessThan(0.05)
    expect(Math.max(...heights)).toBeLessThan(0.13)
    const cars = objects.filter(({ kind }) => kind === 'car')
    expect(cars.length).toBeGreaterThan(0)
    expect(Math.max(...cars.map(areaOf))).toBeLessThan(0.03)
  })

  test('vehicles that stop are 0.28 to 3 % of the image’s area', () => {
    const stopped = objects.filter(({ action }) => action === 'stopped').map(areaOf)
    expect(stopped.length).toBeGreaterThan(10)
    expect(Math.min(...stopped)).toBeGreaterThan(0.0028)
    expect(Math.max(...stopped)).toBeLessThan(0.03)
  })

  test('every event happens', () => {
    const events = new Set(world.timeline().map(({ event }) => event))
    expect([...events].sort()).toEqual(['crowded_scene', 'person_walking', 'vehicle_stopping'])
  })

  test.each([1, 2, 3])('nobody appears or disappears in full view, seed %i', seed => {
    const { scene, actors } = stageOf(view, seed)
    for (const actor of actors) {
      for (const moment of [actor.from + 1e-3, actor.to - 1e-3].filter(Number.isFinite)) {
        const visible = objectsAt(scene, [actor], moment)[0]?.visible ?? 0
        expect(visible, `${actor.id} at ${moment}`).toBeLessThan(0.6)
      }
    }
  })

  test.each([1, 2, 3])('no vehicle hits a person or another vehicle, seed %i', seed => {
    const { view: stage, actors } = stageOf(view, seed)
    const vehicles = actors.filter(({ body, from }) => body.form === 'vehicle' && from > -1)
    const walkers = actors.filter(({ kind }) => kind === 'person')
    const laneOf = ({ at, from }: (typeof actors)[number]) => {
      const { x, y } = at(from)
      return stage.lanes.findIndex(({ points: [start] }) => start && Math.hypot(start[0] - x, start[1] - y) < 3)
    }
    for (const [i, vehicle] of vehicles.entries()) {
      const sameLane = vehicles.slice(i + 1).filter(other => laneOf(other) === laneOf(vehicle))
      expect(sameLane.filter(other => tooClose(vehicle, other)).map(({ id }) => id)).toEqual([])
      expect(walkers.filter(walker => inTheWay(vehicle, walker)).map(({ id }) => `${vehicle.id} ${id}`)).toEqual([])
    }
  })
})
