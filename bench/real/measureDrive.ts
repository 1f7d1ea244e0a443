/** Runs the product over a drive: is its hazard found, and is there no event while nothing happens? */

import { fitQuiet, quietMargin } from '../../src/scoring/fitQuiet.ts'
import type { Calibration, EventText, QuietFit } from '../../src/scoringTypes.ts'
import { quantile } from '../../src/util/vector.ts'
import type { Drive } from './openDrive.ts'
import { type ScoreOptions, scoreOf } from './scoreOf.ts'
import { type Start, watchSeries } from './watchSeries.ts'

export interface HazardResult {
  readonly name: string
  readonly hazard: string
  /** `animal`, `construction`, …, as the recording says. */
  readonly type: string
  /** Frames before the hazard, all of them in the bank. */
  readonly images: number
  /** Events before the hazard, and for how long there could have been one. */
  readonly events: number
  readonly hours: number
  /** The first event of the hazard; null: none. */
  readonly delay: Delay | null
  /** The same when the bank decides alone, however few images it has. */
  readonly bankDelay: Delay | null
  /** Median margin during the hazard above the quiet level, and the quiet level's spread, nats. */
  readonly lift: number
  readonly spread: number
}

/** Seconds from the hazard's first frame. */
export interface Delay {
  /** To which the event is dated; negative: before the hazard. */
  readonly dated: number
  /** After which it was certain. */
  readonly published: number
}

const REFIT_SECONDS = 10
/** An event may become certain this long after the hazard is over: `min_on` and smoothing take that time. */
const LATE_SECONDS = 1.5

/** The bank is the drive's frames before the hazard. @returns null without enough frames to learn from */
export function measureHazard(
  { name, type, frames, fps, events, hazard }: Drive,
  options: ScoreOptions,
): HazardResult | null {
  const event = events[0]
  if (hazard === null || event === undefined) return null
  const fit = fitQuiet(frames.slice(0, hazard.quietUntil), event, options.logitScale)
  if (fit === null) return null
  const [from, to] = [hazard.start / fps, hazard.end / fps + LATE_SECONDS]
  const startsWith = (calibration: Calibration) =>
    watchSeries(
      scoresOf(frames, event, () => fit, { ...options, calibration }),
      fps,
    ).starts
  const delayOf = (starts: readonly Start[]): Delay | null => {
    const first = starts.find(({ publishedAt }) => publishedAt >= from && publishedAt <= to)
    return first === undefined ? null : { dated: first.at - from, published: first.publishedAt - from }
  }
  const starts = startsWith(options.calibration)
  const margins = frames.slice(hazard.start, hazard.end).map(embedding => quietMargin(fit, embedding))
  return {
    name,
    hazard: event.event,
    type,
    images: fit.images,
    events: starts.filter(({ publishedAt }) => publishedAt < from).length,
    hours: from / 3600,
    delay: delayOf(starts),
    bankDelay: delayOf(startsWith({ ...options.calibration, images: 1 })),
    lift: quantile(margins, 0.5) - fit.location,
    spread: fit.spread,
  }
}

/**
 * The bank is what came before, learned again every REFIT_SECONDS.
 * @param bankFps how many frames of a second the bank takes
 * @returns event → its starts, all of them false
 */
export function measureUneventful(
  { frames, fps, events }: Drive,
  bankFps: number,
  options: ScoreOptions,
): Map<string, Start[]> {
  const period = Math.round(REFIT_SECONDS * fps)
  const step = Math.max(1, Math.round(fps / bankFps))
  return new Map(
    events.map(event => {
      const fits = Array.from({ length: Math.ceil(frames.length / period) }, (_, i) =>
        fitQuiet(
          frames.slice(0, i * period).filter((_, frame) => frame % step === 0),
          event,
          options.logitScale,
        ),
      )
      const fitAt = (frame: number) => fits[Math.floor(frame / period)] ?? null
      return [event.event, watchSeries(scoresOf(frames, event, fitAt, options), fps).starts] as const
    }),
  )
}

function scoresOf(
  frames: readonly Float32Array[],
  event: EventText,
  fitAt: (frame: number) => QuietFit | null,
  options: ScoreOptions,
): number[] {
  return frames.map((embedding, frame) => scoreOf(event, embedding, fitAt(frame), options))
}
