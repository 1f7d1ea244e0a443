/** Creates a scene seen by one camera: the same seed yields the same frames and ground truth on every machine. */

import { WatchwordError } from '../../util/errors.ts'
import { createRandom } from '../../util/random.ts'
import { atmosphereAt } from './atmosphere.ts'
import { captionOf } from './captionOf.ts'
import { createCamera } from './createCamera.ts'
import { createPainter, type Painter } from './painter.ts'
import { createScript } from './script/createScript.ts'
import { measureSpans, objectsAt, peopleIn, sceneOf } from './truth.ts'
import { viewNamed } from './views/viewNamed.ts'
import type { TruthSpan, World, WorldOptions } from './world.ts'

/** Cheap until the first `draw` or `timeline`. Throws `invalid-option` for invalid sizes and durations. */
export function createWorld(options: WorldOptions): World {
  check(options)
  const view = viewNamed(options.view, options.distance)
  const camera = createCamera(view.camera)
  const scene = sceneOf(view, camera)
  const random = createRandom(`${options.seed}/${options.view}`)
  const seed = random.integer(0, 1e6)
  const actors = createScript(view, {
    seed: options.seed,
    durationSeconds: options.durationSeconds,
    raining: seconds => atmosphereAt(options, seconds).weather === 'rain',
  })
  const variant = random.integer(0, 1e6)
  let painter: Painter | null = null
  let spans: readonly TruthSpan[] | null = null
  return {
    options,
    truthAt: seconds => {
      const objects = objectsAt(scene, actors, seconds)
      const { light, weather } = atmosphereAt(options, seconds)
      return { at: seconds, light, weather, objects, people: peopleIn(objects) }
    },
    timeline: () => {
      spans ??= measureSpans(scene, actors, options.durationSeconds)
      return spans
    },
    draw: seconds => {
      painter ??= createPainter(view, camera, { width: options.width, height: options.height, variant })
      return painter.paint({
        seconds,
        seed,
        atmosphere: atmosphereAt(options, seconds),
        actors: actors.filter(actor => actor.from <= seconds && seconds < actor.to),
        lines: captionOf(view, options.startTime + seconds * 1000),
      })
    },
  }
}

function check({ width, height, durationSeconds }: WorldOptions): void {
  for (const [name, value] of Object.entries({ width, height })) {
    if (Number.isInteger(value) && value >= 16 && value <= 7680) continue
    throw new WatchwordError(`Expected \`${name}\` to be a whole number from 16 to 7680, got ${value}`, {
      code: 'invalid-option',
    })
  }
  if (durationSeconds > 0 && Number.isFinite(durationSeconds)) return
  throw new WatchwordError(`Expected \`durationSeconds\` to be above 0, got ${durationSeconds}`, {
    code: 'invalid-option',
  })
}
