/** The light and weather of every moment, with slow changes and clouds. */

import { hash, smoothstep } from './paint.ts'
import { LIGHTS, type Light, type Weather, type WorldOptions } from './world.ts'

export interface Atmosphere {
  readonly light: Light
  readonly weather: Weather
  /** The look that is fading in, and how far it is: (0, 1); null most of the time. */
  readonly next: { readonly light: Light; readonly weather: Weather; readonly fraction: number } | null
  /** How much clouds take away just now: [0, 1]. */
  readonly cloud: number
}

const WEATHERS: readonly Weather[] = ['clear', 'rain', 'clear', 'fog']
/** Seconds that each light and weather of a cycle lasts, and that the change takes. */
const [TURN, FADE] = [75, 5]

export function atmosphereAt(options: Pick<WorldOptions, 'light' | 'weather' | 'seed'>, seconds: number): Atmosphere {
  const turn = Math.floor(seconds / TURN)
  const of = (n: number) => ({
    light: options.light === 'cycle' ? (LIGHTS[((n % 4) + 4) % 4] as Light) : options.light,
    weather: options.weather === 'cycle' ? (WEATHERS[((Math.floor(n / 2) % 4) + 4) % 4] as Weather) : options.weather,
  })
  const now = of(turn)
  const next = of(turn + 1)
  const fraction = smoothstep(TURN - FADE, TURN, seconds - turn * TURN)
  const changes = (next.light !== now.light || next.weather !== now.weather) && fraction > 0
  const drift = hash(`${options.seed}`.length * 31, 7) * 100
  const wave = 0.5 + 0.5 * Math.sin(seconds * 0.045 + drift) * Math.cos(seconds * 0.017 + drift * 2)
  const cloud = now.weather === 'clear' ? smoothstep(0.35, 0.9, wave) : 0.6 + 0.2 * wave
  return changes && fraction > 0.5
    ? { ...next, next: { ...now, fraction: 1 - fraction }, cloud }
    : { ...now, next: changes ? { ...next, fraction } : null, cloud }
}
