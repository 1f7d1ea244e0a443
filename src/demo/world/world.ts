/** Types of the demo world: its options, the objects in a scene and the ground truth. */

/** Default size in pixels, and frames per second. */
export const DEFAULT_VIDEO = { width: 640, height: 360, fps: 10 } as const
/** Size in pixels of a far scene: people are as many pixels high as a third of those in a near scene at 640x360. */
const FAR_VIDEO = { width: 1280, height: 720 } as const

export const VIEWS = ['street', 'crossing', 'plaza'] as const
export const LIGHTS = ['day', 'dusk', 'night', 'infrared'] as const
export const WEATHERS = ['clear', 'rain', 'fog'] as const
export const DISTANCES = ['near', 'far'] as const

/** Options of a camera: one of them throughout, or all in turn. */
export const LIGHT_COURSES = [...LIGHTS, 'cycle'] as const
export const WEATHER_COURSES = [...WEATHERS, 'cycle'] as const

export type ViewName = (typeof VIEWS)[number]
export type Light = (typeof LIGHTS)[number]
export type Weather = (typeof WEATHERS)[number]
export type Distance = (typeof DISTANCES)[number]
export type Kind = 'person' | 'car' | 'van' | 'truck' | 'bus' | 'bicycle' | 'dog'
export type Action = 'walking' | 'standing' | 'driving' | 'braking' | 'stopped' | 'parked' | 'riding' | 'running'
export type Place = 'road' | 'pavement' | 'crossing' | 'parking' | 'plaza'
export type Colour = 'red' | 'blue' | 'white' | 'black' | 'yellow' | 'green' | 'grey' | 'brown' | 'orange'

/** One object in the frame at one moment. */
export interface SceneObject {
  readonly id: string
  readonly kind: Kind
  /** Main colour: of the paint, or of a person's clothes. */
  readonly colour: Colour
  readonly action: Action
  readonly place: Place
  /** [left, top, width, height] as fractions of the frame, clipped to it. */
  readonly box: readonly [number, number, number, number]
  /** Fraction of the object that is inside the frame and not hidden, [0, 1]. */
  readonly visible: number
}

/** The ground truth of one moment. */
export interface SceneTruth {
  /** Seconds since the scene's start. */
  readonly at: number
  readonly light: Light
  readonly weather: Weather
  readonly objects: readonly SceneObject[]
  /** People at least half visible. */
  readonly people: number
}

/** A span of a scene during which an event is true. */
export interface TruthSpan {
  readonly event: 'person_walking' | 'vehicle_stopping' | 'crowded_scene'
  /** Seconds since the scene's start. */
  readonly from: number
  readonly to: number
}

export interface WorldOptions {
  readonly seed: number | string
  /** The built-in view; the same seed makes different traffic in each. */
  readonly view: ViewName
  /** Whether the camera stands among the people or looks at them from a roof. Default near. */
  readonly distance?: Distance
  readonly durationSeconds: number
  readonly light: (typeof LIGHT_COURSES)[number]
  readonly weather: (typeof WEATHER_COURSES)[number]
  /** Pixels. */
  readonly width: number
  readonly height: number
  /** Burnt-in clock: ms since the epoch at second 0. */
  readonly startTime: number
}

/** A deterministic scene seen by one camera. */
export interface World {
  readonly options: WorldOptions
  truthAt(seconds: number): SceneTruth
  /** Event spans over the whole duration, by the definitions in docs/demo.md. */
  timeline(): readonly TruthSpan[]
  /** RGBA frame [height, width, 4] uint8 at a moment; the buffer is reused by the next call. */
  draw(seconds: number): Uint8ClampedArray
}

/** The size of a scene's video, in pixels. */
export function videoSizeOf(distance: Distance): { readonly width: number; readonly height: number } {
  const { width, height } = distance === 'far' ? FAR_VIDEO : DEFAULT_VIDEO
  return { width, height }
}
