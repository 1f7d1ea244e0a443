/** Renders independent random stills, more varied than a scripted scene, for training a model. */

import type { Random } from '../../util/random.ts'
import { captionOf } from './captionOf.ts'
import { createCamera } from './createCamera.ts'
import { createPainter, type Painter } from './painter.ts'
import { randomScene } from './script/randomScene.ts'
import { objectsAt, peopleIn, sceneOf } from './truth.ts'
import { viewNamed } from './views/viewNamed.ts'
import { type Distance, type Light, type SceneTruth, VIEWS, type ViewName, type Weather } from './world.ts'

export interface Still {
  readonly view: ViewName
  readonly truth: SceneTruth
  /** [height, width, 4] uint8 RGBA; reused by the next call. */
  draw(): Uint8ClampedArray
}

export interface StillRenderer {
  /** The same random stream yields the same still. */
  still(random: Random): Still
}

const LIGHTS: readonly Light[] = ['day', 'day', 'dusk', 'night', 'infrared']
const WEATHERS: readonly Weather[] = ['clear', 'clear', 'rain', 'fog']
/** The moment of every still, seconds: late enough that all actors can have walked far. */
const NOW = 100

/**
 * Caches backgrounds between stills, so the first ones are slow.
 * @param variants number of facade colour sets per view
 */
export function createStillRenderer(
  size: { readonly width: number; readonly height: number },
  variants = 6,
  distance: Distance = 'near',
): StillRenderer {
  const painters = new Map<string, Painter>()
  return {
    still: random => {
      const [name, light, weather] = [random.pick(VIEWS), random.pick(LIGHTS), random.pick(WEATHERS)]
      const variant = random.integer(0, variants - 1)
      const view = viewNamed(name, distance)
      const camera = createCamera(view.camera)
      const scene = sceneOf(view, camera)
      const actors = randomScene({ view, camera, raining: weather === 'rain', now: NOW }, random)
      const objects = objectsAt(scene, actors, NOW)
      const [cloud, seed, clock] = [random.next(), random.integer(0, 1e6), anyTime(random)]
      return {
        view: name,
        truth: { at: NOW, light, weather, objects, people: peopleIn(objects) },
        draw: () => {
          const key = `${name}/${variant}`
          const painter = painters.get(key) ?? createPainter(view, camera, { ...size, variant })
          painters.set(key, painter)
          const atmosphere = { light, weather, next: null, cloud }
          return painter.paint({ seconds: NOW, seed, atmosphere, actors, lines: captionOf(view, clock) })
        },
      }
    },
  }
}

/** Any second of 2026: the burnt-in clock must not reveal anything about the still. */
function anyTime(random: Random): number {
  const day = [random.integer(0, 11), random.integer(1, 28)] as const
  return Date.UTC(2026, ...day, random.integer(0, 23), random.integer(0, 59), random.integer(0, 59))
}
