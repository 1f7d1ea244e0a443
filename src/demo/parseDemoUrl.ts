/** Reads `demo:` URLs, which name a synthetic scene instead of a camera. */

import { didYouMean } from '../util/didYouMean.ts'
import { WatchwordError } from '../util/errors.ts'
import { shorten } from '../util/shorten.ts'
import type { DemoCamera } from './startDemoCameras.ts'
import { DISTANCES, LIGHT_COURSES, VIEWS, videoSizeOf, WEATHER_COURSES, type WorldOptions } from './world/world.ts'

/** Long enough that the repetition is not noticed. */
const DURATION_SECONDS = 1800

/** Returns the cameras with a `demo:` URL. @throws WatchwordError `demo-url-invalid` */
export function demoCamerasOf(cameras: Readonly<Record<string, { readonly url: string }>>): DemoCamera[] {
  return Object.entries(cameras).flatMap(([name, { url }]) => {
    const world = parseDemoUrl(url)
    return world ? [{ name, world }] : []
  })
}

const PARAMETERS = ['lighting', 'weather', 'seed', 'distance']

/** `demo:street?lighting=night&weather=rain&seed=7` → options of its scene; null for other URLs. @throws WatchwordError `demo-url-invalid` */
export function parseDemoUrl(url: string): WorldOptions | null {
  if (!url.startsWith('demo:')) return null
  if (!URL.canParse(url)) {
    throw new WatchwordError(`Cannot read ${url}: expected something like demo:street?lighting=night`, {
      code: 'demo-url-invalid',
    })
  }
  const { pathname, searchParams } = new URL(url)
  const unknown = [...searchParams.keys()].find(key => !PARAMETERS.includes(key))
  if (unknown !== undefined)
    throw new WatchwordError(
      `Unknown parameter "${shorten(unknown, 40)}" in ${shorten(url, 200)}; ${didYouMean(unknown, PARAMETERS, 'parameters')}`,
      {
        code: 'demo-url-invalid',
      },
    )
  const distance = oneOf('distance', searchParams.get('distance') ?? 'near', DISTANCES, url)
  return {
    view: oneOf('scene', pathname, VIEWS, url),
    light: oneOf('lighting', searchParams.get('lighting') ?? 'day', LIGHT_COURSES, url),
    weather: oneOf('weather', searchParams.get('weather') ?? 'clear', WEATHER_COURSES, url),
    seed: searchParams.get('seed') ?? '1',
    durationSeconds: DURATION_SECONDS,
    distance,
    ...videoSizeOf(distance),
    startTime: Date.now(),
  }
}

function oneOf<T extends string>(what: string, given: string, allowed: readonly T[], url: string): T {
  const found = allowed.find(value => value === given)
  if (found !== undefined) return found
  throw new WatchwordError(`Expected the ${what} of ${url} to be one of ${allowed.join(', ')}, got "${given}"`, {
    code: 'demo-url-invalid',
  })
}
