/** The events that stored frames would have made at several thresholds: scored and smoothed once, detected at each. */

import { cameraStep, endAll, UNWATCHED } from '../../operators/detect/cameraStep.ts'
import type { DetectRule } from '../../operators/detect/detectRule.ts'
import type { TriggerOptions } from '../../operators/detect/triggerStep.ts'
import { applyCommand, rulesOf, type WatchedEvent, type WatchState } from '../../operators/watchState.ts'
import type { CameraStatus, EventChange, ScoredFrame, Signal, WatchEvent } from '../../types.ts'
import { FRAME_GAP_MS } from '../watchStateOf.ts'
import { type ReplayOptions, replayScores } from './replay.ts'

export interface ThresholdOptions extends ReplayOptions {
  /** Name of the event; others are not looked at. */
  readonly event: string
  /** [0, 1]. The release threshold keeps its distance at each. */
  readonly thresholds: readonly number[]
  /** Capture time of each frame, ms. */
  readonly onFrame?: (at: number) => void
}

export interface ThresholdEvents {
  /** One list for each threshold, in order of end. Events that were open at the end of the range are among them. */
  readonly events: readonly (readonly WatchEvent[])[]
  readonly frames: number
  /** Time with frames, ms: gaps do not count. */
  readonly watchedMs: number
  /** The highest smoothed score; null without a frame. */
  readonly highest: { readonly score: number; readonly at: number } | null
  /** Ids of the views in which the event counted. */
  readonly views: ReadonlySet<string>
}

export async function eventsAtThresholds(options: ThresholdOptions): Promise<ThresholdEvents> {
  const { event, thresholds, watchState, onFrame } = options
  const { camera } = options.range
  const detectors = thresholds.map(threshold =>
    createDetector(rulesOf(atThreshold(watchState, event, threshold), camera), event),
  )
  const views = new Set<string>()
  const time = createWatchedTime()
  let [frames, highest]: [number, ThresholdEvents['highest']] = [0, null]
  for await (const signal of replayScores(options)) {
    for (const { take } of detectors) take(signal)
    time.take(signal)
    if (signal.kind === 'status') continue
    const { capturedAt: at, problem } = signal.frame
    frames += 1
    const score = signal.scores[event] ?? 0
    if (problem === null && (highest === null || score > highest.score)) highest = { score, at }
    for (const { view, scores } of signal.views) if (Object.hasOwn(scores, event)) views.add(view.id)
    onFrame?.(at)
  }
  for (const { end } of detectors) end()
  const events = detectors.map(({ found }) => found)
  return { events, frames, watchedMs: time.ms(), highest, views }
}

/** The event's trigger with this threshold: its release threshold keeps its distance. */
export function triggerAt(watchState: WatchState, event: string, threshold: number): TriggerOptions {
  const { events } = atThreshold(watchState, event, threshold)
  return (events.find(one => one.event === event) as WatchedEvent).rule.trigger
}

function atThreshold(watchState: WatchState, event: string, threshold: number): WatchState {
  return applyCommand(watchState, { type: 'threshold', event, threshold })
}

/** Runs the rules of one camera as `detect` does, and keeps only the events that ended. */
function createDetector(rules: ReadonlyMap<string, DetectRule>, event: string) {
  const found: WatchEvent[] = []
  const options = { rules, updateEveryMs: Number.POSITIVE_INFINITY, gapMs: FRAME_GAP_MS, explain: () => null }
  const keep = (changes: readonly EventChange[]) => {
    for (const { type, after } of changes) if (type === 'end' && after.event === event) found.push(after)
  }
  let state = UNWATCHED
  return {
    found,
    take: (signal: Signal<ScoredFrame>) => {
      const [next, changes] = cameraStep(state, signal, options)
      state = next
      keep(changes)
    },
    end: () => keep(endAll(state, 'shutdown')),
  }
}

/** Adds up the time between frames that follow one another: neither gaps nor times without the camera. */
function createWatchedTime() {
  let [total, last]: [number, number | null] = [0, null]
  return {
    ms: () => total,
    take: (signal: Signal<ScoredFrame>) => {
      if (signal.kind === 'status') {
        if (LOST.has(signal.state)) last = null
        return
      }
      const { capturedAt } = signal.frame
      const elapsed = last === null ? 0 : capturedAt - last
      if (elapsed > 0 && elapsed <= FRAME_GAP_MS) total += elapsed
      last = capturedAt
    },
  }
}

const LOST: ReadonlySet<CameraStatus['state']> = new Set(['offline', 'ended', 'disabled'])
