import { describe, expect, test } from 'vitest'
import { createCamera, LOGICAL_HEIGHT, LOGICAL_WIDTH } from '../../../src/demo/world/createCamera.ts'
import { createWorld } from '../../../src/demo/world/createWorld.ts'
import { createPainter } from '../../../src/demo/world/painter.ts'
import type { Actor } from '../../../src/demo/world/script/actor.ts'
import { createScript } from '../../../src/demo/world/script/createScript.ts'
import { createParked } from '../../../src/demo/world/script/createVehicle.ts'
import { measureSpans, objectsAt, sceneOf } from '../../../src/demo/world/truth.ts'
import { viewNamed } from '../../../src/demo/world/views/viewNamed.ts'
import {
  DISTANCES,
  type Distance,
  type TruthSpan,
  VIEWS,
  type ViewName,
  type WorldOptions,
} from '../../../src/demo/world/world.ts'
import { createRandom } from '../../../src/util/random.ts'

const SIZE = { width: 320, height: 180 }
const FAR_SIZE = { width: 960, height: 540 }
/** Seconds between the moments that are compared: a far image is nine times as large. */
const PAUSE = { near: 9.7, far: 38.9 }

function stageOf(name: ViewName, distance: Distance = 'near') {
  const view = viewNamed(name, distance)
  const camera = createCamera(view.camera)
  const actors = createScript(view, { seed: 4, durationSeconds: 300, raining: () => false })
  const size = distance === 'far' ? FAR_SIZE : SIZE
  const painter = createPainter(view, camera, { ...size, variant: 1 })
  return { camera, scene: sceneOf(view, camera), actors, painter, size }
}

const CLEAR = { light: 'day', weather: 'clear', next: null, cloud: 0 } as const

describe('objectsAt', () => {
  test.each(VIEWS.flatMap(name => DISTANCES.map(distance => [name, distance] as const)))(
    'a box contains every pixel that changes when its object is removed: %s, %s',
    (name, distance) => {
      const { scene, actors, painter, size } = stageOf(name, distance)
      const paint = (seconds: number, actors: readonly Actor[]) => {
        const present = actors.filter(({ from, to }) => from <= seconds && seconds < to)
        const moment = { seconds, atmosphere: CLEAR, actors: present, lines: [], seed: 1, effects: false }
        return Uint32Array.from(new Uint32Array(painter.paint(moment).buffer))
      }
      let compared = 0
      for (let seconds = 5; seconds < 300; seconds += PAUSE[distance]) {
        const whole = paint(seconds, actors)
        for (const object of objectsAt(scene, actors, seconds)) {
          const without = paint(
            seconds,
            actors.filter(({ id }) => id !== object.id),
          )
          const changed = changedBounds(whole, without, size.width)
          if (object.visible > 0.6) expect(changed, `${object.id} at ${seconds}`).not.toBeNull()
          if (!changed) continue
          compared++
          const [left, top, width, height] = object.box
          // A pixel of room: edges are smoothed.
          expect(changed.left, `${object.id} at ${seconds}`).toBeGreaterThanOrEqual(Math.floor(left * size.width) - 1)
          expect(changed.top).toBeGreaterThanOrEqual(Math.floor(top * size.height) - 1)
          expect(changed.right, `${object.id} at ${seconds}`).toBeLessThanOrEqual(
            Math.ceil((left + width) * size.width) + 1,
          )
          expect(changed.bottom).toBeLessThanOrEqual(Math.ceil((top + height) * size.height) + 1)
          if (object.visible > 0.99) {
            const share = ((changed.right - changed.left) * (changed.bottom - changed.top)) / (size.width * size.height)
            expect(share, `${object.id} at ${seconds} fills its box`).toBeGreaterThan(width * height * 0.5)
          }
        }
      }
      expect(compared).toBeGreaterThan(distance === 'far' ? 20 : 50)
    },
  )

  test('an object behind a house is not visible', () => {
    const { scene } = stageOf('crossing')
    const parked = (x: number, y: number) =>
      createParked({ id: 'car', spot: { x, y, heading: 0 }, kind: 'car', colour: 'red' }, createRandom(1))
    expect(objectsAt(scene, [parked(18, 24)], 0)).toEqual([])
    expect(objectsAt(scene, [parked(3, 20)], 0)[0]?.visible).toBeGreaterThan(0.9)
  })

  test('the nearer of two overlapping objects hides the other', () => {
    const { scene, camera } = stageOf('street')
    const [near, far] = [
      { x: 9.4, y: 14.7 },
      { x: 5.4, y: 17.5 },
    ]
    const park = (id: string, spot: { x: number; y: number }, kind: 'bus' | 'car') =>
      createParked({ id, spot: { ...spot, heading: Math.PI }, kind, colour: 'blue' }, createRandom(2))
    const objects = objectsAt(scene, [park('far', far, 'car'), park('near', near, 'bus')], 0)
    expect(camera.project(near.x, near.y, 1)[2]).toBeLessThan(camera.project(far.x, far.y, 1)[2])
    expect(objects.map(({ id }) => id)).toEqual(['far', 'near'])
    expect(objects[0]?.visible).toBeLessThan(0.6)
    expect(objects[1]?.visible).toBe(1)
  })
})

describe('measureSpans', () => {
  const options: WorldOptions = {
    seed: 'spans',
    view: 'plaza',
    durationSeconds: 240,
    light: 'day',
    weather: 'clear',
    ...SIZE,
    startTime: 0,
  }
  const world = createWorld(options)
  const spans = world.timeline()
  const of = (event: TruthSpan['event']) => spans.filter(span => span.event === event)

  test('spans of one event are apart, in order and within the scene', () => {
    for (const event of ['person_walking', 'crowded_scene'] as const) {
      expect(of(event).length).toBeGreaterThan(0)
      of(event).forEach((span, i, all) => {
        expect(span.to - span.from).toBeGreaterThanOrEqual(1.5)
        expect(span.from - (all[i - 1]?.to ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(2)
      })
    }
    expect(spans.every(({ from, to }) => from >= 0 && to <= 240.1)).toBe(true)
  })

  test('every moment agrees with the spans around it', () => {
    const within = (event: TruthSpan['event'], t: number, room: number) =>
      of(event).some(({ from, to }) => t >= from - room && t <= to + room)
    for (let t = 0.5; t < 240; t += 0.5) {
      const { people, objects } = world.truthAt(t)
      const walks = objects.some(o => o.kind === 'person' && o.action === 'walking' && o.visible >= 0.5)
      const stops = objects.some(({ action, visible }) => action === 'stopped' && visible > 0)
      // Spans shorter than 1.5 s are dropped on purpose: only moments well inside count.
      if (!within('crowded_scene', t, 0.1)) expect(people >= 6 && steady(t, 6)).toBe(false)
      if (within('person_walking', t, -2)) expect(walks || nearWalk(t)).toBe(true)
      if (stops) expect(within('vehicle_stopping', t, 0.1)).toBe(true)
      if (within('vehicle_stopping', t, -0.1)) expect(stops).toBe(true)
    }
  })

  /** At least so many people from 1 s before to 1 s after. */
  function steady(t: number, count: number): boolean {
    return Array.from({ length: 21 }, (_, i) => world.truthAt(t - 1 + i / 10).people).every(people => people >= count)
  }

  /** Somebody walks within 2 s: gaps shorter than that are closed. */
  function nearWalk(t: number): boolean {
    return Array.from({ length: 41 }, (_, i) => world.truthAt(t - 2 + i / 10).objects)
      .flat()
      .some(o => o.kind === 'person' && o.action === 'walking' && o.visible >= 0.5)
  }

  test('a crowd begins when six are seen, and lasts while six can be made out', () => {
    const world = createWorld({ ...options, seed: 'dev4-1', view: 'crossing', durationSeconds: 180, weather: 'rain' })
    const crowds = world.timeline().filter(({ event }) => event === 'crowded_scene')
    const made = (at: number) => world.truthAt(at).objects.filter(o => o.kind === 'person' && o.visible >= 0.15).length
    const moments = (from: number, to: number) =>
      Array.from({ length: Math.round((to - from) * 10) }, (_, i) => from + i / 10)
    expect(crowds.length).toBeGreaterThan(0)
    for (const { from, to } of crowds) {
      expect(world.truthAt(from).people).toBeGreaterThanOrEqual(6)
      expect(world.truthAt(from - 0.1).people).toBeLessThan(6)
      expect(made(to)).toBeLessThan(6)
      for (const at of moments(from, to)) expect(made(at), `at ${at}`).toBeGreaterThanOrEqual(6)
    }
    // These stand so that some of them are hidden for long.
    const hidden = crowds.flatMap(({ from, to }) => moments(from, to)).filter(at => world.truthAt(at).people < 6)
    expect(hidden.length).toBeGreaterThan(100)
  })

  test('parked vehicles never stop', () => {
    const view = viewNamed('plaza')
    const camera = createCamera(view.camera)
    const parked = view.parking.map((spot, i) =>
      createParked({ id: `parked-${i}`, spot, kind: 'car', colour: 'red' }, createRandom(i)),
    )
    expect(measureSpans(sceneOf(view, camera), parked, 60)).toEqual([])
  })
})

interface Area {
  left: number
  top: number
  right: number
  bottom: number
}

/** The box around pixels whose colour differs visibly; null when none does. */
function changedBounds(a: Uint32Array, b: Uint32Array, width: number): Area | null {
  let area: Area | null = null
  a.forEach((value, i) => {
    const other = b[i] as number
    const far = [0, 8, 16].some(shift => Math.abs(((value >>> shift) & 255) - ((other >>> shift) & 255)) > 6)
    if (!far) return
    const [x, y] = [i % width, Math.floor(i / width)]
    area ??= { left: x, top: y, right: x + 1, bottom: y + 1 }
    area.left = Math.min(area.left, x)
    area.top = Math.min(area.top, y)
    area.right = Math.max(area.right, x + 1)
    area.bottom = Math.max(area.bottom, y + 1)
  })
  return area
}

test('logical pixels are those of a 16:9 image', () => {
  expect(LOGICAL_WIDTH / LOGICAL_HEIGHT).toBeCloseTo(16 / 9)
})
