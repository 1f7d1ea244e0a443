/** Cameras with a `demo:` URL: drawn, encoded and served on loopback, so that the product reads them as any camera. */

import { type DemoCamera, type DemoCameras, startDemoCameras } from '../../demo/cameras.ts'
import { LIGHT_COURSES, USUAL_PICTURE, VIEWS, WEATHER_COURSES, type WorldOptions } from '../../demo/world/types.ts'
import { didYouMean } from '../../util/didYouMean.ts'
import { WatchwordError } from '../../util/errors.ts'
import { shorten } from '../../util/shorten.ts'

/** Long enough that nobody sees it begin again. */
const DURATION_SECONDS = 1800

/** The drawn cameras among these. @throws WatchwordError `demo-url-invalid` */
export function demoCamerasOf(cameras: Readonly<Record<string, { readonly url: string }>>): DemoCamera[] {
  return Object.entries(cameras).flatMap(([name, { url }]) => {
    const world = parseDemoUrl(url)
    return world ? [{ name, world }] : []
  })
}

/** Starts these cameras; null when there is none. */
export async function startDemo(cameras: readonly DemoCamera[], ffmpegPath: string): Promise<DemoCameras | null> {
  return cameras.length === 0 ? null : startDemoCameras({ cameras, fps: USUAL_PICTURE.fps, ffmpegPath, port: 0 })
}

const PARAMETERS = ['lighting', 'weather', 'seed']

/** `demo:street?lighting=night&weather=rain&seed=7` → a world; null for other URLs. @throws WatchwordError `demo-url-invalid` */
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
  return {
    view: oneOf('scene', pathname, VIEWS, url),
    light: oneOf('lighting', searchParams.get('lighting') ?? 'day', LIGHT_COURSES, url),
    weather: oneOf('weather', searchParams.get('weather') ?? 'clear', WEATHER_COURSES, url),
    seed: searchParams.get('seed') ?? '1',
    durationSeconds: DURATION_SECONDS,
    width: USUAL_PICTURE.width,
    height: USUAL_PICTURE.height,
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
