/** A moving object of a scene: its appearance, and its state at any moment. */

import type { Random } from '../../../util/random.ts'
import type { VehicleKind } from '../items/createVehicleShape.ts'
import type { Palette } from '../items/drawParts.ts'
import type { PersonLook } from '../items/limb.ts'
import { COLOURS, type Rgb, scale, shadeOf } from '../paint.ts'
import type { Path } from '../paths.ts'
import type { Action, Colour, Kind, Place } from '../world.ts'

export type Body =
  | { readonly form: 'person'; readonly look: PersonLook }
  | { readonly form: 'vehicle'; readonly vehicle: VehicleKind; readonly style: number; readonly palette: Palette }
  | { readonly form: 'bicycle'; readonly look: PersonLook; readonly frame: Rgb }
  | { readonly form: 'dog'; readonly coat: Rgb; readonly size: number }

/** The place and action of an actor at one moment. */
export interface ActorState {
  readonly x: number
  readonly y: number
  /** Radians; direction (cos, sin). */
  readonly heading: number
  /** Metres moved so far: drives legs and wheels. */
  readonly travelled: number
  /** 0 at rest to 1 at full stride. */
  readonly stride: number
  readonly action: Action
  readonly place: Place
  readonly braking: boolean
}

export interface Actor {
  readonly id: string
  readonly kind: Kind
  readonly colour: Colour
  readonly body: Body
  /** Seconds: it exists in [from, to). */
  readonly from: number
  readonly to: number
  /** Seconds during which it is at rest because it stopped; null when it never does. */
  readonly rest: readonly [number, number] | null
  at(seconds: number): ActorState
}

const SKINS: readonly Rgb[] = [
  [232, 190, 160],
  [214, 166, 132],
  [176, 124, 90],
  [128, 86, 60],
  [92, 62, 46],
]
const HAIRS: readonly Rgb[] = [
  [38, 30, 26],
  [70, 46, 32],
  [120, 84, 50],
  [168, 140, 92],
  [110, 108, 106],
  [24, 22, 22],
]
const BOTTOMS: readonly Rgb[] = [
  [44, 50, 66],
  [36, 36, 40],
  [70, 66, 62],
  [92, 84, 72],
  [52, 58, 74],
  [112, 106, 98],
]

export function personBody(random: Random, colour: Colour, raining: boolean): { form: 'person'; look: PersonLook } {
  const skirt = random.chance(0.15)
  return {
    form: 'person',
    look: {
      height: random.between(1.6, 1.9),
      skin: random.pick(SKINS),
      hair: random.pick(HAIRS),
      top: shadeOf(colour, random),
      bottom: random.pick(BOTTOMS),
      shoes: random.pick<Rgb>([
        [34, 32, 32],
        [70, 54, 42],
        [190, 188, 184],
      ]),
      coat: random.chance(0.4),
      skirt,
      longHair: random.chance(skirt ? 0.8 : 0.3),
      hat: random.chance(0.12),
      bag: random.pick(['none', 'none', 'none', 'backpack', 'shopping']),
      bagColour: random.pick<Rgb>([
        [60, 58, 62],
        [98, 72, 48],
        [64, 74, 62],
        [168, 160, 146],
      ]),
      umbrella: raining && random.chance(0.55),
    },
  }
}

export function vehicleBody(random: Random, vehicle: VehicleKind, colour: Colour): Body {
  const paint = shadeOf(colour, random)
  const box = colour === 'white' || random.chance(0.7) ? ([222, 222, 218] as Rgb) : scale(paint, 0.96)
  return {
    form: 'vehicle',
    vehicle,
    style: random.integer(0, 5),
    palette: {
      paint,
      box: vehicle === 'truck' ? box : paint,
      trim: scale(paint, 0.5),
      glass: [48, 58, 68],
      dark: [34, 35, 38],
      tyre: [26, 26, 28],
      rim: [150, 152, 156],
      plate: [226, 222, 200],
      lamp: [238, 236, 220],
      tail: [150, 26, 24],
      line: scale(paint, 0.62),
    },
  }
}

/** Clothes and paint as they are on a street: greys and blacks more often than yellows. */
export function anyColour(random: Random): Colour {
  return random.chance(0.35) ? random.pick(['white', 'black', 'grey', 'blue', 'red'] as const) : random.pick(COLOURS)
}

/** Position and direction at s along a path, shifted to the left of it; corners are taken softly. */
export function along(
  path: Path,
  s: number,
  left: number,
  softness: number,
): { x: number; y: number; heading: number } {
  const [ax, ay] = path.at(s - softness)
  const [bx, by] = path.at(s + softness)
  const [mx, my] = path.at(s)
  const heading = Math.atan2(by - ay, bx - ax)
  const [px, py] = [(ax + bx + 2 * mx) / 4, (ay + by + 2 * my) / 4]
  return { x: px - Math.sin(heading) * left, y: py + Math.cos(heading) * left, heading }
}
