/** Adds vehicles that drive through or stop where the lane is free, and the pedestrians for whom they stop. */

import type { Random } from '../../../util/random.ts'
import { createVehicleShape, type VehicleKind } from '../items/createVehicleShape.ts'
import type { Path } from '../paths.ts'
import type { Colour } from '../world.ts'
import { type Actor, anyColour } from './actor.ts'
import { createVehicle, type Halt } from './createVehicle.ts'
import type { PopulatedLane, Population } from './population.ts'
import { inTheWay, tooClose, wouldMeet } from './traffic.ts'

/** @param restSeconds how long it stops; null drives through. @returns when it has left; `now` when no lane was free. */
export function addVehicle(scene: Population, now: number, restSeconds: number | null): number {
  const lanes = scene.random.chance(0.5) ? scene.lanes : [...scene.lanes].reverse()
  for (let delay = 0; delay < 40; delay += 1.5) {
    for (const entry of lanes) {
      const vehicle = tryVehicle(scene, entry, now + delay, restSeconds)
      if (vehicle) return vehicle.to
    }
  }
  return now
}

function tryVehicle(scene: Population, entry: PopulatedLane, start: number, restSeconds: number | null): Actor | null {
  const { random } = scene
  const { lane, path, taken } = entry
  const kind: VehicleKind = random.chance(0.62) ? 'car' : random.pick(['van', 'van', 'truck', 'bus'])
  const stop = random.pick(lane.stops)
  // Long vehicles stop with their nose where a car's would be.
  const back = stop.why === 'crossing' ? createVehicleShape(kind, 0).length / 2 - 2.2 : 0
  const halt: Halt | null = restSeconds === null ? null : { s: stop.s - back, kerb: stop.kerb, seconds: restSeconds }
  const speed = lane.speed * random.between(0.85, 1.12)
  const id = scene.name(kind)
  const colour = colourOf(kind, random)
  const vehicle = createVehicle({ id, path, place: lane.place, kind, colour, start, speed, halt }, random.fork(id))
  const blocked = taken.some(other => tooClose(vehicle, other)) || runsInto(scene, vehicle)
  if (blocked) return null
  taken.push(vehicle)
  scene.add(vehicle)
  if (halt && stop.why === 'crossing') addCrossers(scene, vehicle)
  return vehicle
}

/** A vehicle that waits at the zebra waits for people: they step before it once it rests, and are over when it goes. */
function addCrossers(scene: Population, vehicle: Actor): void {
  const { random } = scene
  const way = scene.ways.find(({ walkway }) => walkway.place === 'crossing')
  if (!vehicle.rest || !way) return
  const speed = random.between(1.2, 1.5)
  const path = random.chance(0.5) ? way.path : way.back
  const first = vehicle.rest[0] + random.between(0.3, 1.2) - metresToLane(path, vehicle.at(vehicle.rest[0]).x) / speed
  const count = random.integer(1, 3)
  for (let i = 0; i < count; i++) {
    const start = first + i * 0.7
    const left = (i % 2) * 0.7 - 0.35
    const blocked = scene.lanes.some(({ taken }) => taken.some(other => wouldMeet(other, path, start, speed)))
    if (start >= 0 && !blocked) scene.addPerson({ start, speed, way: path, left, place: 'crossing' })
  }
}

function runsInto(scene: Population, vehicle: Actor): boolean {
  return scene.actors.some(actor => (actor.kind === 'person' || actor.kind === 'bicycle') && inTheWay(vehicle, actor))
}

function colourOf(kind: VehicleKind, random: Random): Colour {
  return kind === 'bus' ? random.pick(['red', 'yellow', 'green', 'blue', 'white', 'orange']) : anyColour(random)
}

/** Metres along a path until it comes before a vehicle that stands at an x; the whole path when it never does. */
function metresToLane(path: Path, x: number): number {
  for (let s = 0; s < path.length; s += 0.25) if (Math.abs(path.at(s)[0] - x) < 1.9) return s
  return path.length
}
