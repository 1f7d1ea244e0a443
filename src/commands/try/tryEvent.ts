/** Runs an event over the stored past of all asked cameras: which events it would have made, at which threshold. */

import { rateInterval } from '../../scoring/rateInterval.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'
import { WatchwordError } from '../../util/errors.ts'
import type { AskedEvent } from '../past/askedEvent.ts'
import { chosenHistories } from '../past/chosenHistories.ts'
import { eventsAtThresholds, type ThresholdEvents, triggerAt } from '../past/eventsAtThresholds.ts'
import type { Past } from '../past/openPast.ts'
import { nearestEvents, type PastMoment, pastMoment, strongestEvents } from '../past/pastMoment.ts'
import type { TimeRange } from '../past/pastTime.ts'
import { watchedConfig } from '../past/watchedConfig.ts'
import { watchStateOf } from '../watchStateOf.ts'

export interface TryOptions {
  readonly asked: AskedEvent
  /** [0, 1]; null: that of the event. */
  readonly threshold: number | null
  /** null: every camera with history that watches the event. */
  readonly cameras: readonly string[] | null
  /** The event counts only in this zone; null: where its settings say. */
  readonly zone: string | null
  readonly range: TimeRange
  /** Number of the strongest events, and of those nearest to the threshold. */
  readonly top: number
  /** Position in the past of all cameras, [0, 1]. */
  readonly onProgress?: (fraction: number) => void
}

export interface TriedCamera extends ThresholdEvents, TimeRange {
  readonly camera: string
}

export interface TriedThreshold {
  readonly threshold: number
  readonly releaseThreshold: number
  readonly events: number
  /** Of all cameras together; null when there was no time with frames. */
  readonly perDay: number | null
  /** Least and most events a day that fit, 90 %; null as above. */
  readonly interval: readonly [number, number] | null
}

export interface Tried {
  readonly asked: AskedEvent
  readonly threshold: number
  readonly zone: string | null
  readonly model: { readonly name: string; readonly variant: string }
  readonly range: TimeRange
  readonly cameras: readonly TriedCamera[]
  /** Time with frames of all cameras together, ms. */
  readonly watchedMs: number
  /** Lowest first. */
  readonly thresholds: readonly TriedThreshold[]
  readonly strongest: readonly PastMoment[]
  readonly nearest: readonly PastMoment[]
  /** About the cameras and their history, in sentences. */
  readonly notes: readonly string[]
  readonly advice: readonly string[]
}

const THRESHOLDS = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
const DAY_MS = 86_400_000

/** @throws WatchwordError `invalid-option`, `history-missing` */
export async function tryEvent(past: Past, options: TryOptions): Promise<Tried> {
  const { asked, zone, top, range } = options
  const threshold = options.threshold ?? asked.settings.threshold
  const thresholds = [...new Set([...THRESHOLDS, threshold])].sort((a, b) => a - b)
  const chosen = chosenHistories(past.histories, options.cameras, range)
  const config = watchedConfig(past.config, options)
  const reasons = chosen.cameras.map(({ camera }) => [camera, whyLeftOut(camera, config.leftOut)] as const)
  const leftOut = reasons.flatMap(([camera, why]) => (why === null ? [] : [`${camera} was left out: ${why}`]))
  const watching = chosen.cameras.filter((_, i) => reasons[i]?.[1] === null)
  if (watching.length === 0) throw notWatched(asked, leftOut)

  const texts = await past.texts(config.events)
  const watchState = watchStateOf(config, texts)
  const cameras = await tryCameras(past, { ...options, watching, texts, watchState, thresholds })
  const watchedMs = cameras.reduce((sum, camera) => sum + camera.watchedMs, 0)
  const days = watchedMs / DAY_MS / cameras.length
  const rows = thresholds.map((value, i): TriedThreshold => {
    const events = cameras.reduce((sum, camera) => sum + (camera.events[i]?.length ?? 0), 0)
    const { releaseThreshold } = triggerAt(watchState, asked.name, value)
    const rates =
      days > 0 ? { perDay: events / days, interval: rateInterval(events, days) } : { perDay: null, interval: null }
    return { threshold: value, releaseThreshold, events, ...rates }
  })
  const found = cameras.flatMap(({ events }) => events[thresholds.indexOf(threshold)] ?? [])
  const highestFirst = cameras.flatMap(({ events }) => [...events].reverse().flat())
  const ids = new Set(found.map(({ id }) => id))
  const moments = async (events: ReturnType<typeof strongestEvents>) => {
    const shown: PastMoment[] = []
    for (const event of events.slice(0, top)) shown.push(await pastMoment(past.reader, event, ids.has(event.id)))
    return shown
  }
  return {
    asked,
    threshold,
    zone,
    model: past.model,
    range,
    cameras,
    watchedMs,
    thresholds: rows,
    strongest: await moments(strongestEvents(found)),
    nearest: await moments(nearestEvents([...found, ...highestFirst], threshold)),
    notes: [...chosen.notes, ...leftOut],
    advice: await past.adviceOn(asked),
  }
}

type Work = TryOptions & {
  readonly watching: readonly (TimeRange & { readonly camera: string })[]
  readonly texts: ScoringTexts
  readonly watchState: ReturnType<typeof watchStateOf>
  readonly thresholds: readonly number[]
}

/** One after the other: the main thread does the work. */
async function tryCameras(past: Past, work: Work): Promise<TriedCamera[]> {
  const { asked, watching, texts, watchState, thresholds, onProgress = () => {} } = work
  const totalMs = watching.reduce((sum, { from, to }) => sum + to - from, 0)
  const cameras: TriedCamera[] = []
  let doneMs = 0
  for (const range of watching) {
    const found = await eventsAtThresholds({
      reader: past.reader,
      range,
      watchState,
      memory: await past.memoryOf(range.camera, texts),
      scoring: past.config.model.scoring,
      event: asked.name,
      thresholds,
      onFrame: at => onProgress((doneMs + at - range.from) / totalMs),
    })
    doneMs += range.to - range.from
    cameras.push({ ...range, ...found })
  }
  return cameras
}

function whyLeftOut(camera: string, leftOut: Readonly<Record<string, string | null>>): string | null {
  const reason = leftOut[camera]
  return reason === undefined ? 'the config has no camera of this name' : reason
}

function notWatched({ name }: AskedEvent, leftOut: readonly string[]): WatchwordError {
  return new WatchwordError(`No camera with history can show ${name}: ${leftOut.join('; ')}`, {
    code: 'invalid-option',
    hint: 'Name a camera with --camera, or another --zone',
  })
}
