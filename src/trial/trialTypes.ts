/** What a trial knows of the past: when an event would have rung at which threshold, and what a person said about it. */

import type { Light } from '../types.ts'

/** One alarm that a threshold would have caused. Times are capture times, ms since the epoch. */
export interface Alarm {
  readonly camera: string
  readonly startTime: number
  readonly endTime: number
  /** Smoothed score at the peak, [0, 1]. */
  readonly topScore: number
  readonly topTime: number
  /** What showed it at the peak; null when that is not known. */
  readonly seen: SeenAt | null
}

/** The view that decided. Smoothing lags: it is one of the last frames before the peak, the one with the highest raw score. */
export interface SeenAt {
  /** Capture time of the frame, ms since the epoch. */
  readonly at: number
  /** `whole`, `crop-3`, `zone-gate`. */
  readonly view: string
  /** `whole`, `crop`, `zone-gate`. */
  readonly world: string
  readonly light: Light
  /** [dim] float32, L2-normalised. */
  readonly embedding: Float32Array
}

export interface Level {
  /** (0, 1) */
  readonly threshold: number
  /** By start. */
  readonly alarms: readonly Alarm[]
}

/** How much of which day a camera was watched. */
export interface WatchedTime {
  readonly camera: string
  /** Day since the epoch → fraction of that day, above 0. */
  readonly days: ReadonlyMap<number, number>
}

/** An event's past under one configuration. */
export interface TrialPast {
  /** Thresholds ascend. */
  readonly levels: readonly Level[]
  readonly watched: readonly WatchedTime[]
}

/** A moment at which the event may have been true. */
export interface Candidate extends Alarm {
  /** `street@2026-11-30T12:03:10.250Z`: camera and time of the peak. */
  readonly id: string
  /** By level of the past: whether its threshold would have rung for this moment. */
  readonly rings: readonly boolean[]
}

/** Candidate id → whether the event was true. */
export type Verdicts = ReadonlyMap<string, boolean>

export const DAY_MS = 86_400_000
