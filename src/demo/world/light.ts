/** Day, dusk, night and infrared: what falls on things, where the sun stands, and how hard the sensor must work. */

import type { Camera, Point3 } from './camera.ts'
import type { Fog, Rgb } from './paint.ts'
import { lampHead } from './things/props.ts'
import type { Light, Weather } from './types.ts'
import type { View } from './views/view.ts'

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
  /** Light that falls on a thing standing somewhere: a factor per channel. */
  at(x: number, y: number): Rgb
}

const SUNS: Readonly<Record<Light, Point3>> = {
  day: unit([-0.55, -0.35, 0.75]),
  dusk: unit([-0.8, 0.2, 0.4]),
  night: unit([0, -0.2, 1]),
  infrared: unit([0, -0.9, 0.4]),
}
const AMBIENT: Readonly<Record<Light, Rgb>> = {
  day: [1.02, 1, 0.96],
  dusk: [0.62, 0.54, 0.55],
  night: [0.3, 0.31, 0.4],
  infrared: [0.2, 0.2, 0.2],
}
const FOG_COLOUR: Readonly<Record<Light, Rgb>> = {
  day: [202, 206, 208],
  dusk: [128, 112, 118],
  night: [52, 52, 58],
  infrared: [92, 92, 92],
}
const LAMP: Rgb = [1.0, 0.78, 0.48]

export function createLighting(view: View, camera: Camera, light: Light, weather: Weather): Lighting {
  const wet = weather === 'rain' ? 0.82 : weather === 'fog' ? 0.94 : 1
  const ambient = AMBIENT[light].map(value => value * wet) as unknown as Rgb
  const lamps = view.props.filter(prop => prop.kind === 'lamp').map(lampHead)
  const lampStrength = light === 'night' ? 0.9 : light === 'dusk' ? 0.35 : 0
  const overcast = weather === 'clear' ? 1 : 0.25
  return {
    light,
    weather,
    sun: SUNS[light],
    contrast:
      (light === 'day' ? 0.8 : light === 'dusk' ? 0.5 : light === 'infrared' ? 0.7 : 0.35) *
      (light === 'infrared' ? 1 : overcast),
    shadow: light === 'day' ? 0.13 + 0.37 * overcast : light === 'dusk' ? 0.22 : light === 'night' ? 0.4 : 0.25,
    glow: light === 'night' ? 1 : light === 'dusk' ? 0.55 : light === 'infrared' ? 0.3 : 0,
    noise: light === 'day' ? 2.2 : light === 'dusk' ? 3.2 : light === 'night' ? 4.6 : 4.2,
    fog: { colour: FOG_COLOUR[light], density: weather === 'fog' ? 0.042 : weather === 'rain' ? 0.009 : 0.001 },
    grey: light === 'infrared',
    at: (x, y) => {
      let [r, g, b] = ambient
      for (const lamp of lamps) {
        const near = lampStrength / (1 + ((x - lamp[0]) ** 2 + (y - lamp[1]) ** 2) / 22) ** 1.5
        r += LAMP[0] * near
        g += LAMP[1] * near
        b += LAMP[2] * near
      }
      if (light === 'infrared') {
        const depth = Math.max(0, camera.project(x, y, 1)[2])
        const beam = 1.1 / (1 + (depth / 16) ** 3)
        return [r + beam, g + beam, b + beam]
      }
      return [r, g, b]
    },
  }
}

function unit([x, y, z]: Point3): Point3 {
  const length = Math.hypot(x, y, z)
  return [x / length, y / length, z / length]
}
