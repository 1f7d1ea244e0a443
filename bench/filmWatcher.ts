/** Watches films as `run` watches cameras, with change detection, crops and zones, but drops nothing; counts what is encoded. */

import { EMPTY, NEVER } from 'rxjs'
import { createFindings, type Finding } from '../src/commands/detect/findings.ts'
import { imagePartsOf } from '../src/commands/imagePartsOf.ts'
import { startEngine } from '../src/commands/startEngine.ts'
import { FRAME_GAP_MS, watchStateOf } from '../src/commands/watchStateOf.ts'
import { cameraSchema } from '../src/config/cameraSchema.ts'
import { modelSchema } from '../src/config/configSchema.ts'
import { eventSchema } from '../src/config/eventSchema.ts'
import type { PromptLibrary } from '../src/config/promptLibrary.ts'
import { pipeline } from '../src/pipeline.ts'
import { readFile } from '../src/sources/file.ts'
import type { InternalEvent } from '../src/telemetry/internalEvents.ts'
import { byName } from '../src/util/byName.ts'
import { createRedactor } from '../src/util/redactor.ts'
import type { Rig } from './rig.ts'

export interface FilmWatcherOptions {
  readonly variant: string
  /** Event name → its keys, as in a config without `use`. */
  readonly events: PromptLibrary
  /** Frames per second. Default 4. */
  readonly fps?: number
}

export interface WatchedFilm {
  readonly found: readonly Finding[]
  readonly frames: number
  /** Images that went through the model: whole images, crops and zones. */
  readonly encodes: number
}

export interface FilmWatcher {
  /** @param camera keys of a camera's config: `crops`, `detail`, `zones`, … */
  watch(video: string, camera: Readonly<Record<string, unknown>>): Promise<WatchedFilm>
  close(): Promise<void>
}

const CAMERA = 'film'

export async function createFilmWatcher(rig: Rig, options: FilmWatcherOptions): Promise<FilmWatcher> {
  const { variant, fps = 4 } = options
  const events = byName(Object.entries(options.events).map(([name, keys]) => [name, eventSchema.parse(keys)]))
  const model = modelSchema.parse({ name: 'demo', variant })
  const counted = { frames: 0, encodes: 0 }
  const telemetry = {
    emit: (event: InternalEvent) => {
      if (event.type === 'FrameReceived') counted.frames += 1
      if (event.type === 'BatchEncoded') counted.encodes += event.size
    },
  }
  const engine = await startEngine(model, { dataDir: await rig.data(), telemetry, onStep: () => {} })
  const texts = await engine.texts(events)
  const deps = { ffmpeg: rig.ffmpeg, telemetry, redact: createRedactor() }
  const { imageSize: size } = engine.encoder
  return {
    watch: async (video, keys) => {
      const camera = cameraSchema.parse({ url: video, ...keys })
      const parts = imagePartsOf(camera, size)
      const source = { camera: CAMERA, path: video, sampling: { fps }, size, fit: 'stretch', snapshot: null } as const
      const findings = createFindings()
      Object.assign(counted, { frames: 0, encodes: 0 })
      await pipeline(
        {
          watchState: watchStateOf({ cameras: { [CAMERA]: camera }, events }, texts),
          scoring: 'two-way',
          maxBatch: model.max_batch_size,
          maxQueueDelayMs: model.max_queue_delay,
          lossless: true,
          updateEveryMs: 0,
          gapMs: FRAME_GAP_MS,
        },
        {
          open: () => readFile({ ...source, ...parts }, deps),
          encoder: engine.encoder,
          telemetry,
          commands$: EMPTY,
          stop$: NEVER,
        },
      ).forEach(outcome => {
        findings.take(outcome)
      })
      return { found: findings.found, ...counted }
    },
    close: () => engine.encoder.close(),
  }
}
