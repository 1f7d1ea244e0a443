/** The description of a view: camera, ground, buildings, furniture, lanes and walkways, in metres. */

import type { CameraPlacement, Point2 } from '../createCamera.ts'
import type { Rgb } from '../paint.ts'
import type { Place } from '../world.ts'

export interface View {
  readonly label: string
  readonly camera: CameraPlacement
  /** How many times as far as in a near view one sees: fog is thinner, the infrared lamp stronger by it. Default 1. */
  readonly reach?: number
  readonly ground: readonly Patch[]
  readonly lines: readonly Line[]
  readonly facades: readonly Facade[]
  readonly props: readonly Prop[]
  readonly lanes: readonly Lane[]
  readonly walkways: readonly Walkway[]
  readonly gatherings: readonly Gathering[]
  readonly parking: readonly { readonly x: number; readonly y: number; readonly heading: number }[]
}

/** A flat piece of ground; later ones lie on earlier ones. */
export interface Patch {
  readonly points: readonly Point2[]
  readonly colour: Rgb
  readonly texture: 'asphalt' | 'slabs' | 'cobbles' | 'grass' | 'plain'
  /** Metres between joints, for slabs and cobbles. */
  readonly joint?: number
}

/** A painted strip on the ground. */
export interface Line {
  readonly from: Point2
  readonly to: Point2
  readonly width: number
  readonly colour: Rgb
  /** [painted, gap] metres; solid when absent. */
  readonly dash?: readonly [number, number]
}

/** A house front standing on the ground from one point to another (seen with `from` at its left). */
export interface Facade {
  readonly from: Point2
  readonly to: Point2
  readonly height: number
  readonly colour: Rgb
  readonly style: 'shops' | 'flats' | 'wall' | 'office'
  readonly seed: number
  /** Actors may pass behind it: it is nearer than some of the paths. */
  readonly hides?: boolean
}

export interface Prop {
  readonly kind: 'lamp' | 'tree' | 'bench' | 'bin' | 'bollard' | 'sign'
  readonly x: number
  readonly y: number
  /** Height, metres; each kind has its own when absent. */
  readonly size?: number
  /** Its heading, radians. */
  readonly heading?: number
}

export interface Lane {
  readonly points: readonly Point2[]
  readonly place: Place
  /** Usual speed, metres a second. */
  readonly speed: number
  /** Arc lengths at which a vehicle may come to rest, in full view. */
  readonly stops: readonly { readonly s: number; readonly kerb: number; readonly why: 'kerb' | 'lane' | 'crossing' }[]
}

export interface Walkway {
  readonly points: readonly Point2[]
  readonly place: Place
  /** People keep within this many metres of the line. */
  readonly spread: number
  /** Lanes that are crossed: not taken while one of their vehicles passes. */
  readonly crosses: readonly number[]
  readonly bicycles: boolean
}

/** Where a crowd may form, and the ways to it (each ends near the middle). */
export interface Gathering {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly place: Place
  readonly ways: readonly (readonly Point2[])[]
}
