/** End-to-end accuracy on the demo's world: scenes are rendered, a video is read, events are compared with the truth. */

import { join } from 'node:path'
import { detectVideo } from '../../src/commands/detect/detectVideo.ts'
import { DEFAULT_EVENTS, readLibrary } from '../../src/config/promptLibrary.ts'
import { renderVideo } from '../../src/demo/renderVideo.ts'
import { createWorld } from '../../src/demo/world/createWorld.ts'
import { CROWD, spansOf, TRUTH_RATE } from '../../src/demo/world/truth.ts'
import {
  DEFAULT_VIDEO,
  type Distance,
  VIEWS,
  type ViewName,
  videoSizeOf,
  type World,
  type WorldOptions,
} from '../../src/demo/world/world.ts'
import { type Accuracy, evaluateRecordings, type FoundEvent } from '../../src/eval/evaluateSpans.ts'
import { foundEvents } from '../../src/eval/foundEvents.ts'
import type { Span } from '../../src/eval/matchSpans.ts'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'

export type Scene = Pick<WorldOptions, 'seed' | 'view' | 'distance' | 'light' | 'weather' | 'durationSeconds'>

/** Crowds once more, by a narrower truth: it ends them whenever fewer than six are seen. */
const SIX_SEEN = 'crowded_scene (six seen throughout)'

/** What is measured. */
export const MEASURED = [...DEFAULT_EVENTS, SIX_SEEN] as const

export interface Recording {
  readonly scene: Scene
  readonly video: string
  readonly truths: Readonly<Record<(typeof MEASURED)[number], readonly Span[]>>
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
  return scenesOf(numbered('held-out', count), { durationSeconds })
}

/** Those that rules and thresholds were chosen on: 26 of four minutes, 40 of three. */
export function developmentScenes(): Scene[] {
  return [
    ...scenesOf(numbered('dev2', 16), { durationSeconds: 240 }),
    ...scenesOf(numbered('dev3', 10), { durationSeconds: 240 }),
    ...scenesOf(numbered('dev4', 40), { durationSeconds: 180 }),
  ]
}

/** A scene for each seed: views, lights and weathers in turn. */
export function scenesOf(
  seeds: readonly string[],
  options: { readonly durationSeconds: number; readonly distance?: Distance },
): Scene[] {
  return seeds.map((seed, i) => {
    const [light, weather] = CONDITIONS[i % CONDITIONS.length] as (typeof CONDITIONS)[number]
    return { ...options, seed, view: VIEWS[i % VIEWS.length] as ViewName, light, weather }
  })
}

/** `name-0`, `name-1`, … */
export function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${name}-${i}`)
}

/** Drawing a far scene costs four times as much, and four frames a second are read. */
const RECORDED_FPS: Readonly<Record<Distance, number>> = { near: DEFAULT_VIDEO.fps, far: 4 }

/** As `watchword demo --render` does it. */
export async function record(scene: Scene, dir: string): Promise<Recording> {
  const { seed, distance = 'near' } = scene
  const video = join(dir, `${distance}-${seed}.mp4`)
  const world = createWorld({ ...scene, ...videoSizeOf(distance), startTime: Date.UTC(2026, 0, 1, 8) })
  const fps = RECORDED_FPS[distance]
  const { path: ffmpegPath } = await findFfmpeg()
  await renderVideo({ world, fps, output: video, truth: null, ffmpegPath })
  return { scene, video, truths: truthsOf(world) }
}

function truthsOf(world: World): Recording['truths'] {
  const inMs = ({ from, to }: Span) => ({ from: from * 1000, to: to * 1000 })
  const of = (event: string) => world.timeline().flatMap(span => (span.event === event ? [inMs(span)] : []))
  const moments = Array.from({ length: world.options.durationSeconds * TRUTH_RATE }, (_, i) => i / TRUTH_RATE)
  return {
    person_walking: of('person_walking'),
    vehicle_stopping: of('vehicle_stopping'),
    crowded_scene: of('crowded_scene'),
    [SIX_SEEN]: spansOf(moments.map(at => world.truthAt(at).people >= CROWD)).map(inMs),
  }
}

export type Report = Readonly<Record<(typeof MEASURED)[number], Accuracy>>

/** All that is measured, over all recordings under one variant of the bundled model, as `watchword detect` finds them. */
export async function judge(recordings: readonly Recording[], variant: string): Promise<Report> {
  const found: Map<string, FoundEvent[]>[] = []
  for (const { video } of recordings) {
    const options = { events: DEFAULT_EVENTS, model: 'demo', variant, scoring: 'two-way' } as const
    const { findings } = await detectVideo(video, { library: readLibrary(), ...options })
    found.push(foundEvents(findings.found))
  }
  const entries = MEASURED.map(name => {
    const event = name === SIX_SEEN ? 'crowded_scene' : name
    const pairs = recordings.map(({ truths }, i) => ({ truths: truths[name], found: found[i]?.get(event) ?? [] }))
    return [name, evaluateRecordings(pairs)]
  })
  return Object.fromEntries(entries)
}
