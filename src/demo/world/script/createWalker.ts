/** Pedestrians, cyclists and dogs that follow a path and may wait on it. */

import type { Random } from '../../../util/random.ts'
import { type Rgb, shadeOf, smoothstep } from '../paint.ts'
import type { Path } from '../paths.ts'
import type { Colour, Place } from '../world.ts'
import { type Actor, type ActorState, along, personBody } from './actor.ts'

export interface Walk {
  readonly id: string
  readonly colour: Colour
  readonly start: number
  /** Metres a second. */
  readonly speed: number
  readonly way: Path
  /** Metres to the left of the way. */
  readonly left: number
  readonly place: Place
  /** Walks to the way's end, stands there this long, then leaves by another way. */
  readonly wait?: { readonly seconds: number; readonly heading: number; readonly leaveBy: Path }
  readonly raining: boolean
}

export function createWalker(walk: Walk, random: Random): Actor {
  const arrived = walk.way.length / walk.speed
  const left = arrived + (walk.wait?.seconds ?? 0)
  const to = left + (walk.wait ? walk.wait.leaveBy.length / walk.speed : 0)
  return {
    id: walk.id,
    kind: 'person',
    colour: walk.colour,
    body: personBody(random, walk.colour, walk.raining),
    from: walk.start,
    to: walk.start + to,
    rest: null,
    at: seconds => {
      const t = seconds - walk.start
      const { wait } = walk
      if (!wait || t < arrived) {
        const s = t * walk.speed
        const stride = wait ? 1 - smoothstep(arrived - 0.5, arrived, t) : 1
        return {
          ...along(walk.way, s, walk.left, 0.7),
          travelled: s,
          stride,
          action: 'walking',
          place: walk.place,
          braking: false,
        }
      }
      if (t < left) return standing(walk, wait.heading + 0.25 * Math.sin(t * 0.7 + walk.start), arrived * walk.speed)
      const s = (t - left) * walk.speed
      const spot = along(wait.leaveBy, s, walk.left, 0.05 + Math.min(0.7, s))
      return {
        ...spot,
        travelled: arrived * walk.speed + s,
        stride: smoothstep(0, 0.5, t - left),
        action: 'walking',
        place: walk.place,
        braking: false,
      }
    },
  }
}

function standing(walk: Walk, heading: number, travelled: number): ActorState {
  const { x, y } = along(walk.way, walk.way.length, walk.left, 0.05)
  return { x, y, heading, travelled, stride: 0, action: 'standing', place: walk.place, braking: false }
}

/** Someone on the move who never waits. */
export type Ride = Omit<Walk, 'wait' | 'raining'>

export function createCyclist(ride: Ride, random: Random): Actor {
  const { look } = personBody(random, ride.colour, false)
  return {
    id: ride.id,
    kind: 'bicycle',
    colour: ride.colour,
    body: {
      form: 'bicycle',
      look: { ...look, bag: 'none', coat: false, skirt: false },
      frame: shadeOf(ride.colour, random),
    },
    from: ride.start,
    to: ride.start + ride.way.length / ride.speed,
    rest: null,
    at: seconds => {
      const s = (seconds - ride.start) * ride.speed
      return {
        ...along(ride.way, s, ride.left, 1.2),
        travelled: s,
        stride: 1,
        action: 'riding',
        place: ride.place,
        braking: false,
      }
    },
  }
}

const COATS: Readonly<Partial<Record<Colour, Rgb>>> = {
  brown: [122, 82, 50],
  black: [42, 40, 40],
  white: [222, 216, 204],
  grey: [128, 126, 122],
  yellow: [196, 162, 104],
}

export function createDog(ride: Ride, random: Random): Actor {
  const running = ride.speed > 2.2
  return {
    id: ride.id,
    kind: 'dog',
    colour: ride.colour,
    body: { form: 'dog', coat: COATS[ride.colour] ?? [122, 82, 50], size: random.between(0.9, 1.2) },
    from: ride.start,
    to: ride.start + ride.way.length / ride.speed,
    rest: null,
    at: seconds => {
      const t = seconds - ride.start
      const s = t * ride.speed
      const left = ride.left + 0.3 * Math.sin(t * 0.8 + ride.start)
      return {
        ...along(ride.way, s, left, 0.6),
        travelled: s,
        stride: 1,
        action: running ? 'running' : 'walking',
        place: ride.place,
        braking: false,
      }
    },
  }
}
