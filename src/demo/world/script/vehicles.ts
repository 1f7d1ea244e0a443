/** Casts vehicles that drive through or stop, where the lane is free, and those for whom they stop. */

import type { Random } from '../../../util/random.ts'
import type { Path } from '../paths.ts'
import { type VehicleKind, vehicleShape } from '../things/vehicle.ts'
import type { Colour } from '../types.ts'
import { type Actor, anyColour } from './actor.ts'
import type { Cast, CastLane } from './cast.ts'
import { inTheWay, tooClose, wouldMeet } from './traffic.ts'
import { createVehicle, type Halt } from './vehicleActor.ts'

/** @param restSeconds how long it stops; null drives through. @returns when it has left; `now` when no lane was free. */
export function castVehicle(cast: Cast, now: number, restSeconds: number | null): number {
  const lanes = cast.random.chance(0.5) ? cast.lanes : [...cast.lanes].reverse()
  for (let delay = 0; delay < 40; delay += 1.5) {
    for (const entry of lanes) {
      const vehicle = tryVehicle(cast, entry, now + delay, restSeconds)
      if (vehicle) return vehicle.to
    }
  }
  return now
}

function tryVehicle(cast: Cast, entry: CastLane, start: number, restSeconds: number | null): Actor | null {
  const { random } = cast
  const { lane, path, taken } = entry
  const kind: VehicleKind = random.chance(0.62) ? 'car' : random.pick(['van', 'van', 'truck', 'bus'])
  const stop = random.pick(lane.stops)
  // Long vehicles stop with their nose where a car's would be.
  const back = stop.why === 'crossing' ? vehicleShape(kind, 0).length / 2 - 2.2 : 0
  const halt: Halt | null = restSeconds === null ? null : { s: stop.s - back, kerb: stop.kerb, seconds: restSeconds }
  const speed = lane.speed * random.between(0.85, 1.12)
  const id = cast.name(kind)
  const colour = colourOf(kind, random)
  const vehicle = createVehicle({ id, path, place: lane.place, kind, colour, start, speed, halt }, random.fork(id))
  const blocked = taken.some(other => tooClose(vehicle, other)) || runsInto(cast, vehicle)
  if (blocked) return null
  taken.push(vehicle)
  cast.add(vehicle)
  if (halt && stop.why === 'crossing') castCrossers(cast, vehicle)
  return vehicle
}

/** A vehicle that waits at the zebra waits for somebody. */
function castCrossers(cast: Cast, vehicle: Actor): void {
  const { random } = cast
  const way = cast.ways.find(({ walkway }) => walkway.place === 'crossing')
  if (!vehicle.rest || !way) return
  const speed = random.between(1.2, 1.5)
  const path = random.chance(0.5) ? way.path : way.back
  const start = vehicle.rest[0] + random.between(1, 2) - metresTo(path, MIDDLE_OF_ROAD) / speed
  const others = cast.lanes.flatMap(({ taken }) => taken.filter(other => other !== vehicle))
  if (start < 0 || others.some(other => wouldMeet(other, path, start, speed))) return
  const count = random.integer(1, 3)
  for (let i = 0; i < count; i++) {
    cast.addPerson({ start: start + i * 0.7, speed, way: path, left: (i % 2) * 0.7 - 0.35, place: 'crossing' })
  }
}

function runsInto(cast: Cast, vehicle: Actor): boolean {
  return cast.actors.some(actor => (actor.kind === 'person' || actor.kind === 'bicycle') && inTheWay(vehicle, actor))
}

function colourOf(kind: VehicleKind, random: Random): Colour {
  return kind === 'bus' ? random.pick(['red', 'yellow', 'green', 'blue', 'white', 'orange']) : anyColour(random)
}

/** Where the crossing view's two lanes meet: x, metres. */
const MIDDLE_OF_ROAD = 2.7

/** Metres along a path until it comes to an x; half of it when it never does. */
function metresTo(path: Path, x: number): number {
  const before = path.at(0)[0] < x
  for (let s = 0; s < path.length; s += 0.5) if (path.at(s)[0] < x !== before) return s
  return path.length / 2
}
