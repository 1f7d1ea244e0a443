/** Adds pedestrians, cyclists and dogs to a scene. Each function returns when the last of them has left. */

import { createPath, type Path } from '../paths.ts'
import type { Gathering } from '../views/view.ts'
import { anyColour } from './actor.ts'
import { createCyclist, createDog } from './createWalker.ts'
import { crowdSpots } from './crowdSpots.ts'
import type { PopulatedWalkway, Population } from './population.ts'
import { wouldMeet } from './traffic.ts'

/** People side by side along one way. */
export function addWalkers(scene: Population, now: number, count: number): number {
  const { random } = scene
  const way = random.pick(scene.ways.filter(({ walkway }) => !walkway.bicycles))
  const path = random.chance(0.5) ? way.path : way.back
  const speed = random.between(1.15, 1.55)
  const middle = random.between(-way.walkway.spread, way.walkway.spread)
  const start = whenClear(scene, way, path, now, speed)
  const exits = Array.from({ length: count }, (_, i) => {
    const left = middle + (i - (count - 1) / 2) * 0.75
    const later = start + i * random.between(0, 0.25)
    return scene.addPerson({ start: later, speed, way: path, left, place: way.walkway.place }).to
  })
  return Math.max(...exits)
}

/** Metres a second of the slowest who come, and the seconds that the way to a crowd may take in a near view. */
const [SLOWEST, LONGEST_NEAR_SECONDS] = [1.15, 15]

/** Eight to thirteen people who come together, stay, and go their ways. */
export function addCrowd(scene: Population, now: number): { together: number; stays: number; end: number } {
  const { random } = scene
  const place = random.pick(scene.view.gatherings)
  // Those who come from far away need longer.
  const longest = Math.max(...place.ways.map(way => createPath(way).length))
  const together = now + random.between(9, 13) + Math.max(0, longest / SLOWEST - LONGEST_NEAR_SECONDS)
  const stays = random.between(14, 40)
  const exits = crowdSpots(place, random.integer(8, 13), random).map(([x, y]) => {
    const speed = random.between(1.15, 1.6)
    const way = wayTo(scene, place, [x, y])
    const arrives = together - random.between(0, 6)
    const leaves = together + stays + random.between(0, 5)
    const start = Math.max(now - 6, arrives - way.length / speed)
    const wait = {
      seconds: leaves - start - way.length / speed,
      heading: Math.atan2(place.y - y, place.x - x),
      leaveBy: wayFrom(scene, place, [x, y]),
    }
    return scene.addPerson({ start, speed, way, left: 0, place: place.place, wait }).to
  })
  return { together, stays, end: Math.max(...exits) }
}

/** A person arrives, stands for a while and leaves: present, but not walking. */
export function addLoiterer(scene: Population, now: number): number {
  const { random } = scene
  const place = random.pick(scene.view.gatherings)
  const spot = [place.x + random.between(-1.5, 1.5), place.y + random.between(-0.4, 0.4)] as const
  return scene.addPerson({
    start: now,
    speed: random.between(1.2, 1.5),
    way: wayTo(scene, place, spot),
    left: 0,
    place: place.place,
    wait: {
      seconds: random.between(5, 9),
      heading: random.between(-Math.PI, Math.PI),
      leaveBy: wayFrom(scene, place, spot),
    },
  }).to
}

/** A cyclist, or a dog that trots or runs, sometimes with a person beside it. */
export function addRider(scene: Population, now: number, kind: 'bicycle' | 'dog'): number {
  const { random } = scene
  const way = random.pick(
    scene.ways.filter(({ walkway }) => walkway.bicycles === (kind === 'bicycle') && walkway.place !== 'crossing'),
  )
  const { place } = way.walkway
  // On the road one rides with the traffic; elsewhere either way.
  const path = place === 'road' || random.chance(0.5) ? way.path : way.back
  const runs = random.chance(0.5)
  const [slowest, fastest] = kind === 'bicycle' ? RIDE : runs ? RUN : TROT
  const speed = random.between(slowest, fastest)
  const colour = kind === 'dog' ? random.pick(COATS) : anyColour(random)
  const start = whenClear(scene, way, path, now, speed)
  const ride = { id: scene.name(kind), colour, start, speed, way: path, left: random.between(-0.1, 0.1), place }
  const rider = (kind === 'bicycle' ? createCyclist : createDog)(ride, random.fork(ride.id))
  scene.add(rider)
  if (kind === 'dog' && !runs && random.chance(0.6)) {
    scene.addPerson({ start: start + 0.4, speed, way: path, left: 0.7, place })
  }
  return rider.to
}

/** Metres a second. */
const [RIDE, RUN, TROT] = [[3.6, 5] as const, [2.5, 3.5] as const, [1.2, 1.6] as const]
const COATS = ['brown', 'black', 'white', 'yellow', 'grey'] as const

/** The first moment from which a walk over the lanes is free of vehicles. */
function whenClear(scene: Population, { walkway }: PopulatedWalkway, path: Path, now: number, speed: number): number {
  const lanes = walkway.crosses.flatMap(index => scene.lanes[index] ?? [])
  let start = now
  while (start < now + 60 && lanes.some(({ taken }) => taken.some(vehicle => wouldMeet(vehicle, path, start, speed)))) {
    start += 1.5
  }
  return start
}

type Spot = readonly [number, number]

function wayTo(scene: Population, place: Gathering, spot: Spot): Path {
  return createPath([...scene.random.pick(place.ways).slice(0, -1), spot])
}

function wayFrom(scene: Population, place: Gathering, spot: Spot): Path {
  return createPath([spot, ...[...scene.random.pick(place.ways)].reverse().slice(1)])
}
