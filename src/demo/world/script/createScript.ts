/** The director: decides by seed who comes when, so that every event and every doubt occurs again and again. */

import { createRandom, type Random } from '../../../util/random.ts'
import { createPath, type Path } from '../paths.ts'
import { type VehicleKind, vehicleShape } from '../things/vehicle.ts'
import type { Colour } from '../types.ts'
import type { Lane, View, Walkway } from '../views/view.ts'
import { type Actor, anyColour } from './actor.ts'
import { crowdSpots } from './crowdSpots.ts'
import { createParked, createVehicle, type Halt } from './vehicleActor.ts'
import { createCyclist, createDog, createWalker } from './walkerActor.ts'

type Episode =
  | 'walker'
  | 'pair'
  | 'several'
  | 'drive'
  | 'traffic'
  | 'halt'
  | 'crowd'
  | 'cyclist'
  | 'dog'
  | 'waiting'
  | 'empty'

/** One round of what happens; shuffled, then dealt again. About four minutes. */
const DECK: readonly Episode[] = [
  'walker',
  'halt',
  'empty',
  'crowd',
  'drive',
  'pair',
  'halt',
  'cyclist',
  'walker',
  'traffic',
  'halt',
  'empty',
  'crowd',
  'dog',
  'halt',
  'several',
  'drive',
  'empty',
  'pair',
  'halt',
  'waiting',
]

export interface ScriptOptions {
  readonly seed: number | string
  readonly durationSeconds: number
  raining(seconds: number): boolean
}

/** Everything that moves in a scene, parked vehicles first. */
export function createScript(view: View, options: ScriptOptions): readonly Actor[] {
  const random = createRandom(`${options.seed}/${view.label}/script`)
  const director = new Director(view, options, random)
  director.park()
  let deck: Episode[] = []
  let now = random.between(0.5, 2)
  while (now < options.durationSeconds) {
    // The first round opens with something to see: nobody wants a demo that starts with an empty street.
    if (deck.length === 0)
      deck = director.actors.length < 4 ? ['pair', 'halt', 'crowd', ...shuffle(DECK, random)] : shuffle(DECK, random)
    now = director.play(deck.shift() as Episode, now)
  }
  return director.actors
}

function shuffle<T>(items: readonly T[], random: Random): T[] {
  const left = [...items]
  const result: T[] = []
  while (left.length > 0) result.push(...left.splice(random.integer(0, left.length - 1), 1))
  return result
}

/** Holds what has been cast so far, so that no two vehicles meet on a lane and nobody is run over. */
class Director {
  readonly actors: Actor[] = []
  private readonly lanes: readonly { lane: Lane; path: Path; taken: Actor[] }[]
  private readonly walkways: readonly { walkway: Walkway; path: Path; back: Path }[]
  private readonly view: View
  private readonly options: ScriptOptions
  private readonly random: Random
  private count = 0

  constructor(view: View, options: ScriptOptions, random: Random) {
    this.view = view
    this.options = options
    this.random = random
    this.lanes = view.lanes.map(lane => ({ lane, path: createPath(lane.points), taken: [] }))
    this.walkways = view.walkways.map(walkway => ({
      walkway,
      path: createPath(walkway.points),
      back: createPath([...walkway.points].reverse()),
    }))
  }

  park(): void {
    for (const spot of this.view.parking) {
      if (!this.random.chance(0.5)) continue
      const kind = this.random.pick(['car', 'car', 'car', 'van'] as const)
      this.actors.push(
        createParked(
          this.name('parked'),
          spot,
          'parking',
          this.random.fork(`parked${this.count}`),
          kind,
          anyColour(this.random),
        ),
      )
    }
  }

  /** Plays one episode at a moment and says when the next may begin. */
  play(episode: Episode, now: number): number {
    const { random } = this
    switch (episode) {
      case 'walker':
        return Math.max(now + 4, this.walkers(now, 1) - random.between(0, 6))
      case 'pair':
        return Math.max(now + 4, this.walkers(now, 2) - random.between(0, 6))
      case 'several': {
        this.walkers(now, 2)
        return this.walkers(now + random.between(1, 4), random.integer(1, 2)) - random.between(0, 5)
      }
      case 'drive':
        return this.drive(now, null) - random.between(0, 3)
      case 'traffic': {
        let end = now
        for (let i = 0; i < random.integer(3, 5); i++)
          end = Math.max(end, this.drive(now + i * random.between(2, 4.5), null))
        return end
      }
      case 'halt': {
        if (random.chance(0.35)) this.walkers(now + random.between(0, 12), random.integer(1, 2))
        return this.drive(now, random.between(6, 25)) - random.between(0, 3)
      }
      case 'crowd':
        return this.crowd(now)
      case 'cyclist':
        return this.ride(now, 'bicycle')
      case 'dog':
        return this.ride(now, 'dog')
      case 'waiting':
        return this.waiting(now)
      case 'empty':
        return this.quiet(now) + random.between(8, 20)
    }
  }

  /** The moment everybody who is on now has left. */
  private quiet(now: number): number {
    return Math.max(now, ...this.actors.filter(actor => actor.to < 1e8).map(actor => actor.to))
  }

  private name(kind: string): string {
    this.count += 1
    return `${kind}-${this.count}`
  }

  private walkers(now: number, count: number): number {
    const { random } = this
    const ways = this.walkways.filter(({ walkway }) => !walkway.bicycles)
    const way = random.pick(ways)
    const path = random.chance(0.5) ? way.path : way.back
    const speed = random.between(1.15, 1.55)
    const middle = random.between(-way.walkway.spread, way.walkway.spread)
    const start = this.clearToCross(way.walkway, path, now, speed)
    let end = start
    for (let i = 0; i < count; i++) {
      const actor = createWalker(
        {
          id: this.name('person'),
          colour: anyColour(random),
          start: start + i * random.between(0, 0.25),
          speed,
          way: path,
          left: middle + (i - (count - 1) / 2) * 0.75,
          place: way.walkway.place,
          raining: this.options.raining(start),
        },
        random.fork(`walker${this.count}`),
      )
      this.actors.push(actor)
      end = Math.max(end, actor.to)
    }
    return end
  }

  /** Delays a walk until its way over the lanes is free of vehicles. */
  private clearToCross(walkway: Walkway, path: Path, now: number, speed: number): number {
    if (walkway.crosses.length === 0) return now
    for (let start = now; start < now + 60; start += 1.5) {
      const hit = walkway.crosses.some(index =>
        this.lanes[index]?.taken.some(vehicle => meets(vehicle, path, start, speed)),
      )
      if (!hit) return start
    }
    return now + 60
  }

  private drive(now: number, restSeconds: number | null): number {
    const { random } = this
    const order = random.chance(0.5) ? [0, 1] : [1, 0]
    for (let delay = 0; delay < 40; delay += 1.5) {
      for (const index of order) {
        const entry = this.lanes[index % this.lanes.length]
        if (!entry) continue
        const kind = pickVehicle(random)
        const stop = restSeconds === null ? null : random.pick(entry.lane.stops)
        // Long vehicles stop with their nose where a car's would be.
        const back = stop?.why === 'crossing' ? vehicleShape(kind, 0).length / 2 - 2.2 : 0
        const halt: Halt | null =
          stop && restSeconds !== null ? { s: stop.s - back, kerb: stop.kerb, seconds: restSeconds } : null
        const actor = createVehicle(
          {
            id: this.name(kind),
            path: entry.path,
            place: entry.lane.place,
            kind,
            colour: vehicleColour(kind, random),
            start: now + delay,
            speed: entry.lane.speed * random.between(0.85, 1.12),
            halt,
          },
          random.fork(`vehicle${this.count}`),
        )
        if (entry.taken.some(other => collide(actor, other)) || this.runsOver(actor, index)) continue
        entry.taken.push(actor)
        this.actors.push(actor)
        if (halt && stop?.why === 'crossing') this.crossBefore(actor)
        return actor.to
      }
    }
    return now
  }

  /** A vehicle that waits at the zebra waits for somebody. */
  private crossBefore(vehicle: Actor): void {
    const { rest } = vehicle
    const way = this.walkways.find(({ walkway }) => walkway.place === 'crossing')
    if (!rest || !way) return
    const { random } = this
    const speed = random.between(1.2, 1.5)
    const path = random.chance(0.5) ? way.path : way.back
    const start = rest[0] + random.between(0, 1) - arrival(path, 2.7) / speed + 1
    if (start < 0) return
    const clear = this.lanes.every(({ taken }) =>
      taken.every(other => other === vehicle || !meets(other, path, start, speed)),
    )
    if (!clear) return
    for (let i = 0; i < random.integer(1, 3); i++) {
      this.actors.push(
        createWalker(
          {
            id: this.name('person'),
            colour: anyColour(random),
            start: start + i * 0.7,
            speed,
            way: path,
            left: (i % 2) * 0.7 - 0.35,
            place: 'crossing',
            raining: this.options.raining(start),
          },
          random.fork(`crosser${this.count}`),
        ),
      )
    }
  }

  private runsOver(vehicle: Actor, lane: number): boolean {
    return this.actors.some(actor => {
      if (actor.kind === 'bicycle') return overlapOnRoad(vehicle, actor)
      return (
        actor.kind === 'person' &&
        this.view.walkways.some(w => w.crosses.includes(lane)) &&
        overlapOnRoad(vehicle, actor)
      )
    })
  }

  private crowd(now: number): number {
    const { random } = this
    const place = random.pick(this.view.gatherings)
    const count = random.integer(8, 13)
    const together = now + random.between(9, 13)
    const stays = random.between(14, 40)
    const spots = crowdSpots(place, count, random)
    let end = now
    spots.forEach(([x, y], i) => {
      const speed = random.between(1.15, 1.6)
      const inbound = createPath([
        ...random
          .pick(place.ways)
          .map(([wx, wy]) => [wx, wy] as const)
          .slice(0, -1),
        [x, y],
      ])
      const outbound = createPath([[x, y], ...[...random.pick(place.ways)].reverse().slice(1)])
      const arrives = together - random.between(0, 6)
      const leaves = together + stays + random.between(0, 5)
      const start = Math.max(now - 6, arrives - inbound.length / speed)
      const actor = createWalker(
        {
          id: this.name('person'),
          colour: anyColour(random),
          start,
          speed,
          way: inbound,
          left: 0,
          place: place.place,
          wait: {
            seconds: leaves - start - inbound.length / speed,
            heading: Math.atan2(place.y - y, place.x - x),
            leaveBy: outbound,
          },
          raining: this.options.raining(start),
        },
        random.fork(`crowd${this.count}-${i}`),
      )
      this.actors.push(actor)
      end = Math.max(end, actor.to)
    })
    if (random.chance(0.4)) this.drive(together + random.between(0, stays), null)
    return end - random.between(0, 6)
  }

  private ride(now: number, kind: 'bicycle' | 'dog'): number {
    const { random } = this
    const ways = this.walkways.filter(
      ({ walkway }) => walkway.bicycles === (kind === 'bicycle') && walkway.place !== 'crossing',
    )
    const way = random.pick(ways)
    // On the road one rides with the traffic; elsewhere either way.
    const path = way.walkway.place === 'road' || random.chance(0.5) ? way.path : way.back
    const speed =
      kind === 'bicycle'
        ? random.between(3.6, 5)
        : random.chance(0.5)
          ? random.between(1.2, 1.6)
          : random.between(2.5, 3.5)
    const colour: Colour =
      kind === 'dog' ? random.pick(['brown', 'black', 'white', 'yellow', 'grey']) : anyColour(random)
    const start = this.clearToCross(way.walkway, path, now, speed)
    const ride = {
      id: this.name(kind),
      colour,
      start,
      speed,
      way: path,
      left: random.between(-0.1, 0.1),
      place: way.walkway.place,
    }
    const actor = kind === 'bicycle' ? createCyclist(ride, random.fork(ride.id)) : createDog(ride, random.fork(ride.id))
    this.actors.push(actor)
    if (kind === 'dog' && speed < 2 && random.chance(0.6)) {
      this.actors.push(
        createWalker(
          {
            id: this.name('person'),
            colour: anyColour(random),
            start: start + 0.4,
            speed,
            way: path,
            left: 0.7,
            place: way.walkway.place,
            raining: this.options.raining(start),
          },
          random.fork(`owner${this.count}`),
        ),
      )
    }
    return actor.to - random.between(0, 3)
  }

  /** Somebody comes, stands about for a while and goes on: present, but not walking. */
  private waiting(now: number): number {
    const { random } = this
    const place = random.pick(this.view.gatherings)
    const [x, y] = [place.x + random.between(-1.5, 1.5), place.y + random.between(-0.4, 0.4)]
    const inbound = createPath([...random.pick(place.ways).slice(0, -1), [x, y]])
    const outbound = createPath([[x, y], ...[...random.pick(place.ways)].reverse().slice(1)])
    const actor = createWalker(
      {
        id: this.name('person'),
        colour: anyColour(random),
        start: now,
        speed: random.between(1.2, 1.5),
        way: inbound,
        left: 0,
        place: place.place,
        wait: { seconds: random.between(5, 9), heading: random.between(-Math.PI, Math.PI), leaveBy: outbound },
        raining: this.options.raining(now),
      },
      random.fork(`waiting${this.count}`),
    )
    this.actors.push(actor)
    return actor.to - random.between(0, 5)
  }
}

function pickVehicle(random: Random): VehicleKind {
  return random.chance(0.62) ? 'car' : random.pick(['van', 'van', 'truck', 'bus'] as const)
}

function vehicleColour(kind: VehicleKind, random: Random): Colour {
  if (kind === 'bus') return random.pick(['red', 'yellow', 'green', 'blue', 'white', 'orange'])
  return anyColour(random)
}

/** Seconds apart at which two actors are compared. */
const TICK = 0.5

function collide(a: Actor, b: Actor): boolean {
  for (let t = Math.max(a.from, b.from) - 1; t <= Math.min(a.to, b.to) + 1; t += TICK) {
    const [p, q] = [a.at(t), b.at(t)]
    if (Math.hypot(p.x - q.x, p.y - q.y) < 10) return true
  }
  return false
}

function overlapOnRoad(vehicle: Actor, other: Actor): boolean {
  for (let t = Math.max(vehicle.from, other.from); t <= Math.min(vehicle.to, other.to); t += TICK) {
    const [p, q] = [vehicle.at(t), other.at(t)]
    const [dx, dy] = [q.x - p.x, q.y - p.y]
    const ahead = dx * Math.cos(p.heading) + dy * Math.sin(p.heading)
    const aside = Math.abs(dy * Math.cos(p.heading) - dx * Math.sin(p.heading))
    const reach = p.action === 'stopped' ? 3.4 : 7
    if (ahead > -5.5 && ahead < reach && aside < 1.5) return true
  }
  return false
}

/** Whether somebody who starts along a path then would step before a vehicle. */
function meets(vehicle: Actor, path: Path, start: number, speed: number): boolean {
  const to = start + path.length / speed
  for (let t = Math.max(vehicle.from, start); t <= Math.min(vehicle.to, to); t += TICK) {
    const [x, y] = path.at((t - start) * speed)
    const p = vehicle.at(t)
    const ahead = (x - p.x) * Math.cos(p.heading) + (y - p.y) * Math.sin(p.heading)
    const aside = Math.abs((y - p.y) * Math.cos(p.heading) - (x - p.x) * Math.sin(p.heading))
    const reach = p.action === 'stopped' ? 3.4 : 9
    if (ahead > -5.5 && ahead < reach && aside < 1.8) return true
  }
  return false
}

/** Metres along a path until it comes to an x. */
function arrival(path: Path, x: number): number {
  const before = path.at(0)[0] < x
  for (let s = 0; s < path.length; s += 0.5) if (path.at(s)[0] < x !== before) return s
  return path.length / 2
}
