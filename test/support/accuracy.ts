/** End-to-end accuracy on the demo's world: scenes are rendered, a video is read, events are compared with the truth. */

import { join } from 'node:path'
import { detectVideo } from '../../src/commands/detect/detectVideo.ts'
import type { Finding } from '../../src/commands/detect/findings.ts'
import { DEFAULT_EVENTS, readLibrary } from '../../src/config/library.ts'
import { type Accuracy, evaluateRecordings, type Found } from '../../src/demo/evaluate.ts'
import { type RenderTruth, renderVideo } from '../../src/demo/render.ts'
import { createWorld } from '../../src/demo/world/createWorld.ts'
import { USUAL_PICTURE, VIEWS, type ViewName, type WorldOptions } from '../../src/demo/world/types.ts'
import { findFfmpeg } from '../../src/sources/ffmpeg/find.ts'

export type Scene = Pick<WorldOptions, 'seed' | 'view' | 'light' | 'weather' | 'durationSeconds'>

export interface Recording {
  readonly scene: Scene
  readonly video: string
  readonly truth: RenderTruth
}

/** Each view is seen in every one of these as the number of scenes grows. */
const CONDITIONS = [
  ['day', 'clear'],
  ['dusk', 'rain'],
  ['night', 'clear'],
  ['infrared', 'fog'],
  ['cycle', 'cycle'],
] as const

/** Of seeds that neither training (`train-`, `val-`) nor the choice of rules and thresholds has seen. */
export function heldOutScenes(count: number, durationSeconds: number): Scene[] {
  return scenes('held-out', count, durationSeconds)
}

/** Those that rules and thresholds were chosen on: 26 of four minutes, 40 of three. */
export function developmentScenes(): Scene[] {
  return [...scenes('dev2', 16, 240), ...scenes('dev3', 10, 240), ...scenes('dev4', 40, 180)]
}

function scenes(name: string, count: number, durationSeconds: number): Scene[] {
  return Array.from({ length: count }, (_, i) => {
    const [light, weather] = CONDITIONS[i % CONDITIONS.length] as (typeof CONDITIONS)[number]
    return { seed: `${name}-${i}`, view: VIEWS[i % VIEWS.length] as ViewName, light, weather, durationSeconds }
  })
}

/** As `watchword demo --render` does it. */
export async function record(scene: Scene, dir: string): Promise<Recording> {
  const video = join(dir, `${scene.seed}.mp4`)
  const { width, height, fps } = USUAL_PICTURE
  const world = createWorld({ ...scene, width, height, startTime: Date.UTC(2026, 0, 1, 8) })
  const { path: ffmpegPath } = await findFfmpeg()
  return { scene, video, truth: await renderVideo({ world, fps, output: video, truth: null, ffmpegPath }) }
}

export type Report = Readonly<Record<(typeof DEFAULT_EVENTS)[number], Accuracy>>

/** Every default event over all recordings under one variant of the bundled model, as `watchword detect` finds them. */
export async function judge(recordings: readonly Recording[], variant: string): Promise<Report> {
  const found: Map<string, Found[]>[] = []
  for (const { video } of recordings) {
    const options = { events: DEFAULT_EVENTS, model: 'demo', variant, scoring: 'two-way' } as const
    const { findings } = await detectVideo(video, { library: readLibrary(), ...options })
    found.push(spansOf(findings.found))
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

function spansOf(findings: readonly Finding[]) {
  const spans = new Map<string, Found[]>()
  for (const { event, toldAt } of findings) {
    const span = { from: event.startTime, to: event.endTime ?? event.frameTime, toldAt }
    spans.set(event.event, [...(spans.get(event.event) ?? []), span])
  }
  return spans
}
