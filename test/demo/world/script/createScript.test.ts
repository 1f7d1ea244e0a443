import { describe, expect, test } from 'vitest'
import type { Actor } from '../../../../src/demo/world/script/actor.ts'
import { createScript } from '../../../../src/demo/world/script/createScript.ts'
import { inTheWay, tooClose } from '../../../../src/demo/world/script/traffic.ts'
import { viewNamed } from '../../../../src/demo/world/views/viewNamed.ts'
import { VIEWS, type ViewName } from '../../../../src/demo/world/world.ts'

const SEEDS = [1, 2, 3]
const scenes = VIEWS.flatMap(view => SEEDS.map(seed => ({ view, seed, actors: actorsOf(view, seed) })))

function actorsOf(view: ViewName, seed: number): readonly Actor[] {
  return createScript(viewNamed(view), { seed, durationSeconds: 600, raining: () => false })
}

describe('createScript', () => {
  test('the same seed casts the same actors', () => {
    const sketch = (actors: readonly Actor[]) => actors.map(({ id, from, to, colour }) => ({ id, from, to, colour }))
    expect(sketch(actorsOf('plaza', 5))).toEqual(sketch(actorsOf('plaza', 5)))
    expect(sketch(actorsOf('plaza', 5))).not.toEqual(sketch(actorsOf('plaza', 6)))
  })

  test('no two actors share a name', () => {
    for (const { actors } of scenes) expect(new Set(actors.map(({ id }) => id)).size).toBe(actors.length)
  })

  test.each(scenes)('ten minutes hold every kind of event: $view $seed', ({ actors }) => {
    const count = (test: (actor: Actor) => boolean) => actors.filter(test).length
    expect(count(({ kind }) => kind === 'person')).toBeGreaterThan(20)
    expect(count(({ rest }) => rest !== null)).toBeGreaterThanOrEqual(3)
    expect(count(({ body, rest, from }) => body.form === 'vehicle' && rest === null && from > 0)).toBeGreaterThan(5)
  })

  test.each(VIEWS)('half an hour contains cyclists and dogs: %s', view => {
    const kinds = scenes.filter(scene => scene.view === view).flatMap(({ actors }) => actors)
    expect(kinds.filter(({ kind }) => kind === 'bicycle').length).toBeGreaterThanOrEqual(2)
    expect(kinds.filter(({ kind }) => kind === 'dog').length).toBeGreaterThanOrEqual(2)
  })

  test('some scenes have parked vehicles, others none', () => {
    const parked = scenes.map(({ actors }) => actors.filter(actor => actor.at(0).action === 'parked').length)
    expect(Math.min(...parked)).toBe(0)
    expect(Math.max(...parked)).toBeGreaterThanOrEqual(2)
  })

  test.each(scenes)('no vehicle hits a person or another vehicle: $view $seed', ({ actors, view }) => {
    const vehicles = actors.filter(({ body, from }) => body.form === 'vehicle' && from > -1)
    const walkers = actors.filter(({ kind }) => kind === 'person')
    const lanes = viewNamed(view).lanes.map(lane => lane.points[0])
    const laneOf = (actor: Actor) => {
      const { x, y } = actor.at(actor.from)
      return lanes.findIndex(start => start && Math.hypot(start[0] - x, start[1] - y) < 3)
    }
    for (const [i, vehicle] of vehicles.entries()) {
      const sameLane = vehicles.slice(i + 1).filter(other => laneOf(other) === laneOf(vehicle))
      expect(sameLane.filter(other => tooClose(vehicle, other)).map(({ id }) => id)).toEqual([])
      expect(walkers.filter(walker => inTheWay(vehicle, walker)).map(({ id }) => `${vehicle.id} ${id}`)).toEqual([])
    }
  })

  test('a stopping vehicle is at rest exactly during its ground truth', () => {
    for (const { actors } of scenes) {
      for (const actor of actors) {
        if (!actor.rest) continue
        const [from, to] = actor.rest
        const moved = (a: number, b: number) => Math.abs(actor.at(b).travelled - actor.at(a).travelled)
        expect(moved(from, to)).toBeCloseTo(0, 9)
        expect(moved(from - 1, from)).toBeGreaterThan(0.5)
        expect(moved(to, to + 1)).toBeGreaterThan(0.5)
        expect(actor.at((from + to) / 2).action).toBe('stopped')
      }
    }
  })

  test('there are spells in which nothing moves', () => {
    for (const { actors } of scenes) {
      const movers = actors.filter(({ from }) => from > -1)
      const still = Array.from({ length: 600 }, (_, t) => movers.every(({ from, to }) => t < from || t >= to))
      expect(still.filter(Boolean).length).toBeGreaterThan(15)
    }
  })
})
