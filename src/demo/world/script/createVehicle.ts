/** A vehicle on a lane: it drives through, or brakes, stops and moves off again. */

import type { Random } from '../../../util/random.ts'
import type { VehicleKind } from '../items/createVehicleShape.ts'
import { smoothstep } from '../paint.ts'
import type { Path } from '../paths.ts'
import type { Colour, Place } from '../world.ts'
import { type Actor, type ActorState, along, vehicleBody } from './actor.ts'

export interface Halt {
  /** Metres along the lane. */
  readonly s: number
  /** Metres to the left of the lane's line (negative: right, the kerb). */
  readonly kerb: number
  readonly seconds: number
}

export interface Drive {
  readonly id: string
  readonly path: Path
  readonly place: Place
  readonly kind: VehicleKind
  readonly colour: Colour
  readonly start: number
  /** Metres a second. */
  readonly speed: number
  readonly halt: Halt | null
}

const BRAKING = 2.4
const PICKING_UP = 1.7

export function createVehicle(drive: Drive, random: Random): Actor {
  const motion = motionOf(drive)
  return {
    id: drive.id,
    kind: drive.kind,
    colour: drive.colour,
    body: vehicleBody(random, drive.kind, drive.colour),
    from: drive.start,
    to: drive.start + motion.seconds,
    rest: motion.rest,
    at: seconds => {
      const now = motion.at(seconds - drive.start)
      const { halt } = drive
      const aside = halt
        ? halt.kerb * smoothstep(halt.s - 13, halt.s - 3, now.s) * (1 - smoothstep(halt.s + 2, halt.s + 11, now.s))
        : 0
      return {
        ...along(drive.path, now.s, aside, 1.6),
        travelled: now.s,
        stride: 1,
        action: now.action,
        place: drive.place,
        braking: now.braking,
      }
    },
  }
}

export interface Parked {
  readonly id: string
  readonly spot: { readonly x: number; readonly y: number; readonly heading: number }
  readonly kind: VehicleKind
  readonly colour: Colour
}

/** A vehicle that is there from before the beginning until after the end. */
export function createParked({ id, spot, kind, colour }: Parked, random: Random): Actor {
  const stage: ActorState = { ...spot, travelled: 0, stride: 0, action: 'parked', place: 'parking', braking: false }
  const body = vehicleBody(random, kind, colour)
  return { id, kind, colour, body, from: -Infinity, to: Infinity, rest: null, at: () => stage }
}

interface Motion {
  readonly seconds: number
  readonly rest: readonly [number, number] | null
  at(t: number): { s: number; action: ActorState['action']; braking: boolean }
}

function motionOf({ path, speed, halt, start }: Drive): Motion {
  if (!halt) {
    return { seconds: path.length / speed, rest: null, at: t => ({ s: t * speed, action: 'driving', braking: false }) }
  }
  const brakeTime = speed / BRAKING
  const cruise = (halt.s - (speed * brakeTime) / 2) / speed
  const stopped = cruise + brakeTime
  const off = stopped + halt.seconds
  const pickUp = speed / PICKING_UP
  const pickedUp = halt.s + (speed * pickUp) / 2
  return {
    seconds: off + pickUp + (path.length - pickedUp) / speed,
    rest: [start + stopped, start + off],
    at: t => {
      if (t < cruise) return { s: t * speed, action: 'driving', braking: false }
      if (t < stopped) {
        const left = stopped - t
        return { s: halt.s - (BRAKING * left * left) / 2, action: 'braking', braking: true }
      }
      // Brake lights stay on for a moment at rest, then the driver waits with them off.
      if (t < off) return { s: halt.s, action: 'stopped', braking: t < stopped + 2.5 || t > off - 0.6 }
      const gone = t - off
      const s = gone < pickUp ? halt.s + (PICKING_UP * gone * gone) / 2 : pickedUp + (gone - pickUp) * speed
      return { s, action: 'driving', braking: false }
    },
  }
}
