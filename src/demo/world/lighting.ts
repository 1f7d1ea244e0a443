/** Lighting by day, dusk, night and infrared: light on the ground, position of the sun, gain of the sensor. */

import type { Camera, Point3 } from './createCamera.ts'
import { lampHead } from './items/createPropItem.ts'
import type { Fog, Rgb } from './paint.ts'
import type { View } from './views/view.ts'
import type { Light, Weather } from './world.ts'

export interface Lighting {
  readonly light: Light
  readonly weather: Weather
  readonly sun: Point3
  readonly contrast: number
  /** Darkness of cast shadows: [0, 1]. */
  readonly shadow: number
  /** How strongly lit windows, lamps and headlights show: [0, 1]. */
  readonly glow: number
  /** Standard deviation of the sensor's noise in grey levels. */
  readonly noise: number
  readonly fog: Fog
  readonly grey: boolean
  /** Light that falls on an object at a place: a factor per channel. */
  at(x: number, y: number): Rgb
}

const SUNS: Readonly<Record<Light, Point3>> = {
  day: unit([-0.55, -0.35, 0.75]),
  dusk: unit([-0.8, 0.2, 0.4]),
  night: unit([0, -0.2, 1]),
  infrared: unit([0, -0.9, 0.4]),
}
interface Character {
  /** Light that comes from everywhere: a factor per channel. */
  readonly ambient: Rgb
  readonly haze: Rgb
  /** How strongly street lamps light the objects below them. */
  readonly lamps: number
  readonly contrast: number
  readonly shadow: number
  readonly glow: number
  readonly noise: number
}

const CHARACTERS: Readonly<Record<Light, Character>> = {
  day: { ambient: [1.02, 1, 0.96], haze: [202, 206, 208], lamps: 0, contrast: 0.8, shadow: 0.5, glow: 0, noise: 2.2 },
  dusk: {
    ambient: [0.62, 0.54, 0.55],
    haze: [128, 112, 118],
    lamps: 0.35,
    contrast: 0.5,
    shadow: 0.22,
    glow: 0.55,
    noise: 3.2,
  },
  night: {
    ambient: [0.3, 0.31, 0.4],
    haze: [52, 52, 58],
    lamps: 0.9,
    contrast: 0.35,
    shadow: 0.4,
    glow: 1,
    noise: 4.6,
  },
  infrared: {
    ambient: [0.2, 0.2, 0.2],
    haze: [92, 92, 92],
    lamps: 0,
    contrast: 0.7,
    shadow: 0.25,
    glow: 0.3,
    noise: 4.2,
  },
}
const LAMP: Rgb = [1.0, 0.78, 0.48]
/** Fraction of the light that passes a wet or misty sky. */
const THROUGH: Readonly<Record<Weather, number>> = { clear: 1, rain: 0.82, fog: 0.94 }
/** Per metre of air. */
const DENSITY: Readonly<Record<Weather, number>> = { clear: 0.001, rain: 0.009, fog: 0.042 }

export function createLighting(view: View, camera: Camera, light: Light, weather: Weather): Lighting {
  const { ambient, haze, lamps: strength, contrast, shadow, glow, noise } = CHARACTERS[light]
  const through = THROUGH[weather]
  const base: Rgb = [ambient[0] * through, ambient[1] * through, ambient[2] * through]
  const lamps = view.props.filter(prop => prop.kind === 'lamp').map(lampHead)
  const grey = light === 'infrared'
  const overcast = weather !== 'clear'
  const { reach = 1 } = view
  return {
    light,
    weather,
    sun: SUNS[light],
    contrast: overcast && !grey ? contrast * 0.25 : contrast,
    shadow: overcast && light === 'day' ? 0.2225 : shadow,
    glow,
    noise,
    fog: { colour: haze, density: DENSITY[weather] / reach },
    grey,
    at: (x, y) => {
      const beam = grey ? infraredBeam(camera, reach, x, y) : 0
      let [r, g, b] = [base[0] + beam, base[1] + beam, base[2] + beam]
      for (const lamp of lamps) {
        const near = strength / (1 + ((x - lamp[0]) ** 2 + (y - lamp[1]) ** 2) / 22) ** 1.5
        r += LAMP[0] * near
        g += LAMP[1] * near
        b += LAMP[2] * near
      }
      return [r, g, b]
    },
  }
}

/** The camera's own lamp: strong in front of it, none after about twenty metres in a near view. */
function infraredBeam(camera: Camera, reach: number, x: number, y: number): number {
  const depth = Math.max(0, camera.project(x, y, 1)[2])
  return 1.1 / (1 + (depth / (16 * reach)) ** 3)
}

function unit([x, y, z]: Point3): Point3 {
  const length = Math.hypot(x, y, z)
  return [x / length, y / length, z / length]
}
