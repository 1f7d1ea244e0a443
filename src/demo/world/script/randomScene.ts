/** Creates the actors of a still: at random places, in the middle of an action, without a script. */

import type { Random } from '../../../util/random.ts'
import { type Camera, LOGICAL_WIDTH } from '../createCamera.ts'
import { createPath } from '../paths.ts'
import type { View, Walkway } from '../views/view.ts'
import { type Actor, anyColour } from './actor.ts'
import { createParked, createVehicle } from './createVehicle.ts'
import { createCyclist, createDog, createWalker } from './createWalker.ts'
import { crowdSpots } from './crowdSpots.ts'

export interface RandomSceneOptions {
  readonly view: View
  readonly camera: Camera
  readonly raining: boolean
  /** The moment that counts, seconds. */
  readonly now: number
}

interface SceneDraft extends RandomSceneOptions {
  readonly random: Random
  readonly actors: Actor[]
}

/** Often people or vehicles; sometimes an empty scene, a crowd, or only cyclists and dogs, which resemble pedestrians. */
export function randomScene(options: RandomSceneOptions, random: Random): readonly Actor[] {
  const draft: SceneDraft = { ...options, random, actors: [] }
  for (const spot of options.view.parking) if (random.chance(0.3)) park(draft, spot)
  const roll = random.next()
  if (roll < 0.1) return draft.actors
  if (roll < 0.3) gather(draft, random.integer(4, 13))
  else if (roll < 0.57) repeat(random.integer(1, 4), () => addVisible(draft, walker))
  else if (roll < 0.66) gather(draft, random.integer(1, 3))
  else if (roll < 0.78) repeat(random.integer(1, 2), () => addVisible(draft, random.pick([cyclist, dog])))
  if (roll > 0.75 || random.chance(0.4)) repeat(random.integer(1, 2), () => addVisible(draft, vehicle))
  if (random.chance(0.13)) addVisible(draft, cyclist)
  if (random.chance(0.13)) addVisible(draft, dog)
  return draft.actors
}

function repeat(count: number, act: () => void): void {
  for (let i = 0; i < count; i++) act()
}

function park(draft: SceneDraft, spot: View['parking'][number]): void {
  const { random, actors } = draft
  const kind = random.pick(['car', 'car', 'van'] as const)
  actors.push(createParked({ id: name(draft, 'parked'), spot, kind, colour: anyColour(random) }, random))
}

/** People at one spot: all stand, or a few are still coming. */
function gather(draft: SceneDraft, count: number): void {
  const { random, now, raining, actors } = draft
  const lateFraction = random.pick([0, 0.3])
  const place = random.pick(draft.view.gatherings)
  for (const [x, y] of crowdSpots(place, count, random)) {
    const way = createPath([...random.pick(place.ways).slice(0, -1), [x, y]])
    const late = random.chance(lateFraction) ? random.between(0.5, 3) : -random.between(1, 20)
    const speed = random.between(1.15, 1.6)
    const look = { id: name(draft, 'person'), colour: anyColour(random), raining }
    const heading = Math.atan2(place.y - y, place.x - x) + random.normal(0, 0.5)
    const walk = { start: now + late - way.length / speed, speed, way, left: 0, place: place.place }
    actors.push(createWalker({ ...look, ...walk, wait: { seconds: 60, heading, leaveBy: way } }, random))
  }
}

function walker(draft: SceneDraft): Actor {
  const { random, now, raining, view } = draft
  const walkway = random.pick(view.walkways.filter(({ bicycles }) => !bicycles))
  const way = createPath(random.chance(0.5) ? walkway.points : [...walkway.points].reverse())
  const speed = random.between(1.1, 1.6)
  const look = { id: name(draft, 'person'), colour: anyColour(random), raining }
  const start = now - random.between(0, way.length) / speed
  return createWalker({ ...look, start, speed, way, ...aside(walkway, random) }, random)
}

/** Half of them drive, somewhere on their lane; the others brake for a stop or rest. */
function vehicle(draft: SceneDraft): Actor {
  const { random, now, view } = draft
  const lane = random.pick(view.lanes)
  const path = createPath(lane.points)
  const kind = random.pick(['car', 'car', 'car', 'van', 'truck', 'bus'] as const)
  const stops = random.chance(0.5)
  const stop = random.pick(lane.stops)
  const s = stops ? stop.s + random.between(-2, 1) : random.between(0, path.length)
  const { speed, place } = lane
  const halt = stops ? { s, kerb: stop.kerb * random.next(), seconds: 20 } : null
  const passed = halt ? (halt.s + (speed * speed) / 4.8) / speed + random.between(-1.6, 18) : s / speed
  const colour = anyColour(random)
  return createVehicle({ id: name(draft, kind), path, place, kind, colour, start: now - passed, speed, halt }, random)
}

function cyclist(draft: SceneDraft): Actor {
  const { random, now, view } = draft
  const walkway = random.pick(view.walkways.filter(({ bicycles }) => bicycles))
  const way = createPath(walkway.points)
  const speed = random.between(3.5, 5)
  const colour = anyColour(random)
  const start = now - random.between(0, way.length) / speed
  return createCyclist({ id: name(draft, 'bicycle'), colour, start, speed, way, ...aside(walkway, random) }, random)
}

function dog(draft: SceneDraft): Actor {
  const { random, now, view } = draft
  const walkway = random.pick(view.walkways.filter(({ bicycles }) => !bicycles))
  const way = createPath(walkway.points)
  const speed = random.pick([1.4, 3])
  const colour = random.pick(['brown', 'black', 'white', 'yellow', 'grey'] as const)
  const start = now - random.between(0, way.length) / speed
  return createDog({ id: name(draft, 'dog'), colour, start, speed, way, ...aside(walkway, random) }, random)
}

function aside({ spread, place }: Walkway, random: Random): { left: number; place: Walkway['place'] } {
  return { left: random.between(-1, 1) * spread, place }
}

/** Makes up to six attempts to find a free place inside the frame. */
function addVisible(draft: SceneDraft, make: (draft: SceneDraft) => Actor): void {
  const { actors, camera, now } = draft
  for (let tries = 0; tries < 6; tries++) {
    const actor = make(draft)
    const { x, y } = actor.at(now)
    const [u, , depth] = camera.project(x, y, 0.8)
    const free = actors.every(other => {
      const at = other.at(now)
      return Math.hypot(at.x - x, at.y - y) > roomBetween(actor, other)
    })
    if (free && depth > 3 && u > 0 && u < LOGICAL_WIDTH) {
      actors.push(actor)
      return
    }
  }
}

/** Metres. */
function roomBetween(a: Actor, b: Actor): number {
  const vehicles = [a, b].filter(({ body }) => body.form === 'vehicle').length
  return [0.5, 2.6, 8][vehicles] as number
}

function name({ actors }: SceneDraft, kind: string): string {
  return `${kind}-${actors.length}`
}
