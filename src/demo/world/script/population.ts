/** The state of a script that is being created: the view's lanes and walkways, and all actors added so far. */

import type { Random } from '../../../util/random.ts'
import { createPath, type Path } from '../paths.ts'
import type { Lane, View, Walkway } from '../views/view.ts'
import { type Actor, anyColour } from './actor.ts'
import { createParked } from './createVehicle.ts'
import { createWalker, type Walk } from './createWalker.ts'

export interface PopulatedLane {
  readonly lane: Lane
  readonly path: Path
  /** Its vehicles so far. */
  readonly taken: Actor[]
}

export interface PopulatedWalkway {
  readonly walkway: Walkway
  readonly path: Path
  readonly back: Path
}

export interface Population {
  readonly view: View
  readonly random: Random
  readonly lanes: readonly PopulatedLane[]
  readonly ways: readonly PopulatedWalkway[]
  readonly actors: readonly Actor[]
  add(actor: Actor): void
  /** A unique name. */
  name(kind: string): string
  /** Adds a pedestrian in clothes of a random colour. */
  addPerson(walk: Omit<Walk, 'id' | 'colour' | 'raining'>): Actor
}

export function createPopulation(view: View, random: Random, raining: (seconds: number) => boolean): Population {
  const actors: Actor[] = []
  let names = 0
  const population: Population = {
    view,
    random,
    actors,
    lanes: view.lanes.map(lane => ({ lane, path: createPath(lane.points), taken: [] })),
    ways: view.walkways.map(walkway => ({
      walkway,
      path: createPath(walkway.points),
      back: createPath([...walkway.points].reverse()),
    })),
    add: actor => {
      actors.push(actor)
    },
    name: kind => {
      names += 1
      return `${kind}-${names}`
    },
    addPerson: walk => {
      const id = population.name('person')
      const looks = { id, colour: anyColour(random), raining: raining(walk.start) }
      const person = createWalker({ ...walk, ...looks }, random.fork(id))
      actors.push(person)
      return person
    },
  }
  for (const spot of view.parking) if (random.chance(0.5)) park(population, spot)
  return population
}

/** Adds a vehicle that is parked throughout, so it never is a stopping event. */
function park(population: Population, spot: View['parking'][number]): void {
  const { random } = population
  const kind = random.pick(['car', 'car', 'car', 'van'] as const)
  const id = population.name('parked')
  population.add(createParked({ id, spot, kind, colour: anyColour(random) }, random.fork(id)))
}
