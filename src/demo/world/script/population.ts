/** What the director has at hand: the view's lanes and ways, and everybody who has been cast so far. */

import type { Random } from '../../../util/random.ts'
import { createPath, type Path } from '../paths.ts'
import type { Lane, View, Walkway } from '../views/view.ts'
import { type Actor, anyColour } from './actor.ts'
import { createParked } from './vehicleActor.ts'
import { createWalker, type Walk } from './walkerActor.ts'

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
  /** A name nobody else has. */
  name(kind: string): string
  /** Adds somebody on foot, in clothes of a random colour. */
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

/** A vehicle that is always there: never a stopping event. */
function park(population: Population, spot: View['parking'][number]): void {
  const { random } = population
  const kind = random.pick(['car', 'car', 'car', 'van'] as const)
  const id = population.name('parked')
  population.add(createParked({ id, spot, kind, colour: anyColour(random) }, random.fork(id)))
}
