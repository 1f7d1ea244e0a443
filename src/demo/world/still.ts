/** Independent stills of random content: more varied than a scripted scene, for training a model on words. */

import type { Random } from '../../util/random.ts'
import { createCamera, LOGICAL_WIDTH } from './camera.ts'
import { createPainter, type Painter } from './painter.ts'
import { createPath } from './paths.ts'
import { type Actor, anyColour } from './script/actor.ts'
import { crowdSpots } from './script/crowdSpots.ts'
import { createParked, createVehicle } from './script/vehicleActor.ts'
import { createCyclist, createDog, createWalker } from './script/walkerActor.ts'
import { objectsAt, peopleIn, type Scene, sceneOf } from './truth.ts'
import type { Light, SceneTruth, Weather } from './types.ts'
import type { View } from './views/view.ts'
import { type ViewName, viewNamed } from './views/views.ts'

export interface Still {
  readonly view: ViewName
  readonly truth: SceneTruth
  /** [height, width, 4] uint8 RGBA; reused by the studio's next drawing. */
  draw(): Uint8ClampedArray
}

export interface Studio {
  /** The same random stream gives the same still. */
  still(random: Random): Still
}

const [VIEWS, LIGHTS, WEATHERS] = [
  ['street', 'crossing', 'plaza'] as const,
  ['day', 'day', 'dusk', 'night', 'infrared'] as const,
  ['clear', 'clear', 'rain', 'fog'] as const,
]
/** The moment of every still: actors are cast so that they are in the middle of something then. */
const NOW = 100

/** Keeps what stays the same from still to still. @param variants sets of house colours per view. */
export function createStudio(size: { readonly width: number; readonly height: number }, variants = 6): Studio {
  const painters = new Map<string, Painter>()
  return {
    still: random => {
      const [name, light, weather] = [random.pick(VIEWS), random.pick(LIGHTS), random.pick(WEATHERS)]
      const variant = random.integer(0, variants - 1)
      const view = viewNamed(name)
      const camera = createCamera(view.camera)
      const scene = sceneOf(view, camera)
      const actors = cast(view, scene, random, weather === 'rain')
      const objects = objectsAt(scene, actors, NOW)
      const [cloud, seed] = [random.next(), random.integer(0, 1e6)]
      const at = Date.UTC(
        2026,
        random.integer(0, 11),
        random.integer(1, 28),
        random.integer(0, 23),
        random.integer(0, 59),
        random.integer(0, 59),
      )
      return {
        view: name,
        truth: { at: NOW, light, weather, objects, people: peopleIn(objects) },
        draw: () => {
          const key = `${name}/${variant}`
          const painter = painters.get(key) ?? createPainter(view, camera, { ...size, variant })
          painters.set(key, painter)
          const atmosphere: { light: Light; weather: Weather; next: null; cloud: number } = {
            light,
            weather,
            next: null,
            cloud,
          }
          const lines = [view.label, new Date(at).toISOString().slice(0, 19).replace('T', ' ')]
          return painter.paint({ seconds: NOW, seed, atmosphere, actors, lines })
        },
      }
    },
  }
}

/** A random company: often nobody, somebody or a vehicle, now and then a crowd. */
function cast(view: View, scene: Scene, random: Random, raining: boolean): Actor[] {
  const company = new Company(view, scene, random, raining)
  for (const spot of view.parking) if (random.chance(0.3)) company.park(spot)
  const plot = random.next()
  if (plot < 0.12) return company.actors
  if (plot < 0.3) company.crowd(random.integer(4, 13))
  else if (plot < 0.62) company.walk(random.integer(1, 4))
  else if (plot < 0.68) company.crowd(random.integer(1, 3))
  if (plot > 0.6 || random.chance(0.35)) for (let i = random.integer(1, 2); i > 0; i--) company.drive()
  if (random.chance(0.13)) company.ride('bicycle')
  if (random.chance(0.13)) company.ride('dog')
  return company.actors
}

class Company {
  readonly actors: Actor[] = []
  private readonly view: View
  private readonly scene: Scene
  private readonly random: Random
  private readonly raining: boolean

  constructor(view: View, scene: Scene, random: Random, raining: boolean) {
    this.view = view
    this.scene = scene
    this.random = random
    this.raining = raining
  }

  park(spot: View['parking'][number]): void {
    const kind = this.random.pick(['car', 'car', 'van'] as const)
    const colour = anyColour(this.random)
    this.actors.push(createParked({ id: this.name('parked'), spot, kind, colour }, this.random))
  }

  crowd(count: number): void {
    const { random } = this
    const place = random.pick(this.view.gatherings)
    for (const [x, y] of crowdSpots(place, count, random)) {
      const way = createPath([...random.pick(place.ways).slice(0, -1), [x, y]])
      // Most stand; a few are still coming.
      const late = random.chance(0.2) ? random.between(0.5, 3) : -random.between(1, 20)
      const speed = random.between(1.15, 1.6)
      this.actors.push(
        createWalker(
          {
            id: this.name('person'),
            colour: anyColour(random),
            start: NOW + late - way.length / speed,
            speed,
            way,
            left: 0,
            place: place.place,
            wait: { seconds: 60, heading: Math.atan2(place.y - y, place.x - x) + random.normal(0, 0.5), leaveBy: way },
            raining: this.raining,
          },
          random,
        ),
      )
    }
  }

  walk(count: number): void {
    const { random } = this
    for (let i = 0; i < count; i++) {
      this.addVisible(() => {
        const walkway = random.pick(this.view.walkways.filter(({ bicycles }) => !bicycles))
        const way = createPath(random.chance(0.5) ? walkway.points : [...walkway.points].reverse())
        const speed = random.between(1.1, 1.6)
        return createWalker(
          {
            id: this.name('person'),
            colour: anyColour(random),
            start: NOW - random.between(0, way.length) / speed,
            speed,
            way,
            left: random.between(-1, 1) * walkway.spread,
            place: walkway.place,
            raining: this.raining,
          },
          random,
        )
      })
    }
  }

  drive(): void {
    const { random } = this
    this.addVisible(() => {
      const lane = random.pick(this.view.lanes)
      const path = createPath(lane.points)
      const kind = random.pick(['car', 'car', 'car', 'van', 'truck', 'bus'] as const)
      const stops = random.chance(0.5)
      const stop = random.pick(lane.stops)
      const s = stops ? stop.s + random.between(-2, 1) : random.between(0, path.length)
      const speed = lane.speed
      const halt = stops ? { s, kerb: stop.kerb * random.next(), seconds: 20 } : null
      // With a halt: somewhere in the braking or the rest. Without: anywhere on the lane.
      const passed = halt ? (halt.s + (speed * speed) / 4.8) / speed + random.between(-1.6, 18) : s / speed
      return createVehicle(
        {
          id: this.name(kind),
          path,
          place: lane.place,
          kind,
          colour: anyColour(random),
          start: NOW - passed,
          speed,
          halt,
        },
        random,
      )
    })
  }

  ride(kind: 'bicycle' | 'dog'): void {
    const { random } = this
    this.addVisible(() => {
      const walkway = random.pick(this.view.walkways.filter(({ bicycles }) => bicycles === (kind === 'bicycle')))
      const way = createPath(walkway.points)
      const speed = kind === 'bicycle' ? random.between(3.5, 5) : random.pick([1.4, 3])
      const colour =
        kind === 'dog' ? random.pick(['brown', 'black', 'white', 'yellow', 'grey'] as const) : anyColour(random)
      const ride = {
        id: this.name(kind),
        colour,
        start: NOW - random.between(0, way.length) / speed,
        speed,
        way,
        left: random.between(-1, 1) * walkway.spread,
        place: walkway.place,
      }
      return kind === 'bicycle' ? createCyclist(ride, random) : createDog(ride, random)
    })
  }

  /** Tries a few times for a place in the picture where nothing else is. */
  private addVisible(make: () => Actor): void {
    for (let tries = 0; tries < 6; tries++) {
      const actor = make()
      const { x, y } = actor.at(NOW)
      const [u, , depth] = this.scene.camera.project(x, y, 0.8)
      const free = this.actors.every(other => {
        const at = other.at(NOW)
        const room = isVehicle(actor) && isVehicle(other) ? 8 : isVehicle(actor) || isVehicle(other) ? 2.6 : 0.5
        return Math.hypot(at.x - x, at.y - y) > room
      })
      if (free && depth > 3 && u > 0 && u < LOGICAL_WIDTH) {
        this.actors.push(actor)
        return
      }
    }
  }

  private name(kind: string): string {
    return `${kind}-${this.actors.length}`
  }
}

function isVehicle(actor: Actor): boolean {
  return actor.body.form === 'vehicle'
}
