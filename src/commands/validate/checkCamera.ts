/** Tries one camera of a config; on request it also writes an image with the camera's zones and masks. */

import { join } from 'node:path'
import { areasOf } from '../../config/areasOf.ts'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import { parseDemoUrl } from '../../demo/parseDemoUrl.ts'
import type { Ffmpeg } from '../../sources/ffmpeg/findFfmpeg.ts'
import { listImages } from '../../sources/images.ts'
import { type Probed, probe } from '../../sources/probe.ts'
import { sourceKind } from '../../sources/sourceKind.ts'
import { pluralize } from '../../util/pluralize.ts'
import type { Redactor } from '../../util/redactor.ts'
import { writeFiles } from '../writeFiles.ts'
import { cameraImage } from './cameraImage.ts'
import { type Areas, drawAreas } from './drawAreas.ts'
import type { LazyDemo } from './lazyDemo.ts'

type Config = LoadedConfig['config']

export interface CheckCameraDeps {
  /** null: ffmpeg is missing. */
  readonly ffmpeg: Ffmpeg | null
  readonly redact: Redactor
  /** Where images are written; null: nowhere. */
  readonly outputDir: string | null
  /** Started for an image only. */
  readonly demo: Pick<LazyDemo, 'urls'>
}

/** @returns what was found, in one line. @throws SourceError with the reason */
export async function checkCamera(name: string, config: Config, deps: CheckCameraDeps): Promise<string> {
  const { url, transport, type, enabled } = config.cameras[name] as Config['cameras'][string]
  if (!enabled) return 'disabled: not tried'
  const { ffmpeg, redact, outputDir } = deps
  const needFfmpeg = () => {
    if (ffmpeg) return ffmpeg
    throw new Error('not tried: ffmpeg is missing')
  }
  const look = async (): Promise<string> => {
    const scene = parseDemoUrl(url)
    if (scene) return `synthetic scene: ${scene.view}, ${scene.light}, ${scene.weather}`
    if (sourceKind(type, url) === 'images') return pluralize((await listImages(url)).length, 'image')
    return describeStream(await probe(url, { ffmpeg: needFfmpeg(), redact, transport }))
  }
  const found = await look()
  if (outputDir === null) return found
  const source = { ffmpeg: needFfmpeg(), redact, telemetry: { emit: () => {} } }
  const jpeg = await cameraImage(name, config, { ...source, demo: await deps.demo.urls(source.ffmpeg) })
  const file = `${name}.jpg`
  await writeFiles(outputDir, { [file]: await drawAreas(jpeg, drawnAreas(name, config)) })
  return `${found}. Image with ${countOf(name, config)}: ${join(outputDir, file)}`
}

function drawnAreas(name: string, { cameras, events }: Config): Areas {
  const { zones, masks, ...camera } = cameras[name] as Config['cameras'][string]
  const areas = Object.entries(areasOf({ zones, ...camera }, events))
  return {
    masks,
    zones: Object.entries(zones).map(([zone, polygon]) => ({
      name: zone,
      polygon,
      events: areas.filter(([, area]) => area.zones.includes(zone)).map(([event]) => event),
    })),
  }
}

function countOf(name: string, { cameras }: Config): string {
  const { zones, masks } = cameras[name] as Config['cameras'][string]
  return `${pluralize(Object.keys(zones).length, 'zone')} and ${pluralize(masks.length, 'mask')}`
}

function describeStream({ codec, width, height, fps, keyframeIntervalMs }: Probed): string {
  const rate = fps === null ? 'one frame' : `${fps.toFixed(1)} fps`
  const keys =
    keyframeIntervalMs === null
      ? 'no second keyframe seen'
      : `a keyframe every ${(keyframeIntervalMs / 1000).toFixed(1)} s`
  return `${codec} ${width}x${height}, ${rate}, ${keys}`
}
