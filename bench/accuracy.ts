/** What the bundled model finds in the demo’s scenes, and when: in scenes that were not used for tuning, and in those that were. */

import { rm } from 'node:fs/promises'
import { DEFAULT_EVENTS, readLibrary } from '../src/config/promptLibrary.ts'
import type { Distance } from '../src/demo/world/world.ts'
import { evaluateRecordings } from '../src/eval/evaluateSpans.ts'
import { foundEvents } from '../src/eval/foundEvents.ts'
import {
  developmentScenes,
  judge,
  MEASURED,
  numbered,
  type Recording,
  record,
  type Scene,
  scenesOf,
} from '../test/support/accuracy.ts'
import { InputError } from '../test/support/inputError.ts'
import { createFilmWatcher, type WatchedFilm } from './filmWatcher.ts'
import type { Measurement } from './report.ts'
import type { Rig } from './rig.ts'

const JUDGED = ['event', 'true', 'found', 'precision', 'recall', 'F1', 'onset, median']
const COLUMNS = ['variant', ...JUDGED, 'start, median', 'false alarms an hour']

export interface AccuracyOptions {
  /** Default near. */
  readonly distance?: string | undefined
  /** Comma-separated; a scene each. Default: held-out seeds. */
  readonly seeds?: string | undefined
  /** Of each scene. Default 3. */
  readonly minutes?: string | undefined
  /** Crops a frame: then events are watched as `run` does it, not as `detect` does it. */
  readonly crops?: string | undefined
}

/** Hours of scenes that neither training nor tuning has seen. */
export async function benchAccuracy(rig: Rig, options: AccuracyOptions): Promise<Measurement> {
  const { scenes, distance, crops, isUsual } = planOf(options)
  if (distance === 'far' || crops !== null) return benchWatched(rig, scenes, { distance, crops: crops ?? 2, isUsual })
  const rows = await measure(rig, scenes, ['fp32', 'int8'])
  return {
    name: 'accuracy',
    title: 'Events against the truth, on held-out seeds',
    isTrial: !isUsual,
    method: `${scenesSentence(scenes)}, rendered and read by \`detect\` at 4 frames a second. ${DEFINITIONS} Truth as in docs/demo.md: a crowd begins with six people seen and lasts while six can be made out. The rows “six seen throughout” hold the same finds against the narrower truth that ends a crowd whenever fewer than six are seen.`,
    columns: COLUMNS,
    rows,
    notes: [
      'Targets: F1 ≥ 0.9, onset ≤ 2 s, at most one false alarm an hour, int8 within 0.01 of fp32. The model knows the demo’s world and no other.',
    ],
  }
}

const DEFINITIONS =
  'A find is a pair of a found and a true span that share at least half of their union; onset is the delay until it was published, start the delay of its date (start_time; negative: before it); a false alarm touches no true span.'
/** Scenes of the held-out seeds; drawing far ones costs more. */
const SCENES = { near: 80, far: 30 } as const

interface Plan {
  readonly scenes: readonly Scene[]
  readonly distance: Distance
  readonly crops: number | null
  /** The held-out seeds, as long as usual. */
  readonly isUsual: boolean
}

function planOf({ distance = 'near', seeds, minutes, crops }: AccuracyOptions): Plan {
  if (distance !== 'near' && distance !== 'far')
    throw new InputError(`Expected \`--distance\` to be near or far, got ${distance}`)
  const durationSeconds = 60 * numberOf('--minutes', minutes ?? '3')
  const name = distance === 'far' ? 'far-held-out' : 'held-out'
  const chosen = seeds?.split(',') ?? numbered(name, SCENES[distance])
  return {
    scenes: scenesOf(chosen, distance === 'far' ? { durationSeconds, distance } : { durationSeconds }),
    distance,
    crops: crops === undefined ? null : numberOf('--crops', crops),
    isUsual: seeds === undefined && minutes === undefined,
  }
}

function numberOf(option: string, value: string): number {
  const number = Number(value)
  if (value.trim() !== '' && number >= 0 && Number.isFinite(number)) return number
  throw new InputError(`Expected \`${option}\` to be a number, got ${value}`)
}

function scenesSentence(scenes: readonly Scene[]): string {
  return `${scenes.length} scenes of ${scenes[0]?.durationSeconds} s from the demo’s world (three views, five kinds of light and weather)`
}

/** Watched as `run` watches a camera: change detection on, with crops and with the whole image alone. */
async function benchWatched(
  rig: Rig,
  scenes: readonly Scene[],
  { distance, crops, isUsual }: Omit<Plan, 'scenes' | 'crops'> & { readonly crops: number },
): Promise<Measurement> {
  process.env.WATCHWORD_DATA = await rig.data()
  const events = Object.fromEntries(DEFAULT_EVENTS.map(event => [event, readLibrary()[event] ?? {}]))
  const watcher = await createFilmWatcher(rig, { variant: 'int8', events })
  const hours = scenes.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0) / 3600
  const rows: (readonly (string | number)[])[] = []
  try {
    const kinds = crops === 0 ? [0] : [0, crops]
    const watched = new Map(kinds.map(kind => [kind, [] as WatchedRecording[]]))
    for (const scene of scenes) {
      const recording = await record(scene, rig.dir)
      for (const kind of kinds)
        watched.get(kind)?.push({ recording, film: await watcher.watch(recording.video, { crops: kind }) })
      await rm(recording.video)
    }
    for (const [kind, films] of watched) rows.push(...rowsOf(films, kind, hours))
  } finally {
    await watcher.close()
  }
  return {
    name: `accuracy-${distance}`,
    command: `accuracy --distance ${distance} --crops ${crops}`,
    isTrial: !isUsual,
    title: `Events against the truth in ${distance} scenes, with crops and without`,
    method: `${scenesSentence(scenes)}, ${distance}, read at 4 frames a second and watched as \`run\` does it with int8, but without dropping frames. ${DEFINITIONS} Encodes: images that went through the model, crops included, for each frame received.`,
    columns: ['crops', ...JUDGED, 'false alarms an hour', 'encodes a frame'],
    rows,
    notes: [
      'Targets, far with crops: F1 ≥ 0.85, at most one false alarm an hour, encodes ≤ 1.5x of those without crops.',
    ],
  }
}

interface WatchedRecording {
  readonly recording: Recording
  readonly film: WatchedFilm
}

function rowsOf(watched: readonly WatchedRecording[], crops: number, hours: number): Measurement['rows'] {
  const [frames, encodes] = [sum(watched, ({ film }) => film.frames), sum(watched, ({ film }) => film.encodes)]
  return DEFAULT_EVENTS.map(event => {
    const pairs = watched.map(({ recording, film }) => ({
      truths: recording.truths[event],
      found: foundEvents(film.found).get(event) ?? [],
    }))
    const { truths, found, precision, recall, f1, onsetMs, falseAlarms } = evaluateRecordings(pairs)
    const fractions = [precision, recall, f1].map(fraction => fraction.toFixed(3))
    const onset = `${(onsetMs / 1000).toFixed(2)} s`
    return [
      crops,
      event,
      truths,
      found,
      ...fractions,
      onset,
      (falseAlarms / hours).toFixed(1),
      (encodes / frames).toFixed(3),
    ]
  })
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}

/** The scenes that rules and thresholds were chosen on. */
export async function benchDevelopment(rig: Rig): Promise<Measurement> {
  const scenes = developmentScenes()
  const rows = await measure(rig, scenes, ['fp32'])
  return {
    name: 'development',
    title: 'Events against the truth, on the seeds they were tuned on',
    method: `${scenes.length} scenes of three or four minutes, otherwise as above. Rules and thresholds were chosen on these: what counts is the table above.`,
    columns: COLUMNS,
    rows,
    notes: [],
  }
}

/** A row of COLUMNS for each variant and event. */
async function measure(rig: Rig, scenes: readonly Scene[], variants: readonly string[]): Promise<Measurement['rows']> {
  process.env.WATCHWORD_DATA = await rig.data()
  const recordings: Recording[] = []
  for (const scene of scenes) recordings.push(await record(scene, rig.dir))
  const hours = scenes.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0) / 3600
  const rows: (readonly (string | number)[])[] = []
  for (const variant of variants) {
    const report = await judge(recordings, variant)
    for (const event of MEASURED) {
      const { truths, found, precision, recall, f1, onsetMs, startMs, falseAlarms } = report[event]
      const shares = [precision, recall, f1].map(share => share.toFixed(3))
      const delays = [onsetMs, startMs].map(ms => `${(ms / 1000).toFixed(2)} s`)
      rows.push([variant, event, truths, found, ...shares, ...delays, (falseAlarms / hours).toFixed(1)])
    }
  }
  return rows
}
