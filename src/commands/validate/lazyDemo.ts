/** Starts the demo's cameras when the first of them is needed. */

import type { LoadedConfig } from '../../config/loadConfig.ts'
import { parseDemoUrl } from '../../demo/parseDemoUrl.ts'
import { type DemoCamera, type DemoCameras, startDemoCameras } from '../../demo/startDemoCameras.ts'
import { DEFAULT_VIDEO } from '../../demo/world/world.ts'
import type { Ffmpeg } from '../../sources/ffmpeg/findFfmpeg.ts'

type Cameras = LoadedConfig['config']['cameras']

export interface LazyDemo {
  /** Camera name → its address. Nothing is started when the config has no demo camera. */
  urls(ffmpeg: Pick<Ffmpeg, 'path'>): Promise<Readonly<Record<string, string>>>
  close(): Promise<void>
}

export function lazyDemo(cameras: Cameras): LazyDemo {
  const wanted = Object.entries(cameras).flatMap(([name, { url, enabled }]) => (enabled ? drawable(name, url) : []))
  let started: Promise<DemoCameras> | null = null
  const start = (ffmpeg: Pick<Ffmpeg, 'path'>) =>
    startDemoCameras({ cameras: wanted, fps: DEFAULT_VIDEO.fps, ffmpegPath: ffmpeg.path, port: 0 })
  return {
    async urls(ffmpeg) {
      if (wanted.length === 0) return {}
      started ??= start(ffmpeg)
      return (await started).urls
    },
    async close() {
      await started?.then(demo => demo.close()).catch(() => undefined)
    },
  }
}

/** A wrong URL is reported for its own camera and must not stop the others. */
function drawable(name: string, url: string): DemoCamera[] {
  try {
    const world = parseDemoUrl(url)
    return world ? [{ name, world }] : []
  } catch {
    return []
  }
}
