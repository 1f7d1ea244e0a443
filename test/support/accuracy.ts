/** End-to-end accuracy on the demo's world: scenes are rendered, a video is read, events are compared with the truth. */

import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { detectVideo } from '../../src/commands/detect/detectVideo.ts'
import { DEFAULT_EVENTS, readLibrary } from '../../src/config/library.ts'
import { type Accuracy, evaluateRecordings, type Span } from '../../src/demo/evaluate.ts'
import { type RenderTruth, renderVideo } from '../../src/demo/render.ts'
import { createWorld } from '../../src/demo/world/createWorld.ts'
import type { WorldOptions } from '../../src/demo/world/types.ts'
import { findFfmpeg } from '../../src/sources/ffmpeg/find.ts'

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/watchword/scenes', import.meta.url))

export type Scene = Pick<WorldOptions, 'seed' | 'view' | 'light' | 'weather' | 'durationSeconds'>

export interface Recording {
  readonly scene: Scene
  readonly video: string
  readonly truth: RenderTruth
}

/** Renders what is not there yet, beside node_modules. */
export async function record(scene: Scene): Promise<Recording> {
  mkdirSync(CACHE, { recursive: true })
  const name = [scene.seed, scene.view, scene.light, scene.weather, scene.durationSeconds].join('-')
  const video = `${CACHE}/${name}.mp4`
  const truthFile = `${CACHE}/${name}.json`
  const known = await readFile(truthFile, 'utf8').catch(() => null)
  if (known !== null) return { scene, video, truth: JSON.parse(known) }
  const world = createWorld({ ...scene, width: 640, height: 360, startTime: Date.UTC(2026, 0, 1, 8) })
  const { path: ffmpegPath } = await findFfmpeg()
  return { scene, video, truth: await renderVideo({ world, fps: 10, output: video, truth: truthFile, ffmpegPath }) }
}

export type Report = Readonly<Record<(typeof DEFAULT_EVENTS)[number], Accuracy>>

/** Every default event over all recordings under one variant. */
export async function judge(recordings: readonly Recording[], variant: string): Promise<Report> {
  const found: Map<string, Span[]>[] = []
  for (const { video } of recordings) {
    const { findings } = await detectVideo(video, {
      library: readLibrary(),
      events: DEFAULT_EVENTS,
      model: 'demo',
      variant,
      scoring: 'two-way',
    })
    found.push(spansOf(findings.found.map(({ event }) => event)))
  }
  const entries = DEFAULT_EVENTS.map(event => {
    const pairs = recordings.map(({ truth }, index) => ({
      truths: truth.spans
        .filter(span => span.event === event)
        .map(({ from, to }) => ({ from: from * 1000, to: to * 1000 })),
      found: found[index]?.get(event) ?? [],
    }))
    return [event, evaluateRecordings(pairs)]
  })
  return Object.fromEntries(entries)
}

function spansOf(events: readonly { event: string; startTime: number; endTime: number | null; frameTime: number }[]) {
  const spans = new Map<string, Span[]>()
  for (const { event, startTime, endTime, frameTime } of events)
    spans.set(event, [...(spans.get(event) ?? []), { from: startTime, to: endTime ?? frameTime }])
  return spans
}
