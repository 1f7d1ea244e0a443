/** Runs an event's rule and trigger at many thresholds at once, with the same step as live detection. */

import { isDeepStrictEqual } from 'node:util'
import { atThreshold } from '../operators/detect/atThreshold.ts'
import { type CameraOptions, type CameraState, cameraStep, endAll, UNWATCHED } from '../operators/detect/cameraStep.ts'
import type { DetectRule } from '../operators/detect/detectRule.ts'
import { worldOf } from '../operators/views/worldOf.ts'
import type { CameraStatus, EventChange, ScoredFrame, Signal } from '../types.ts'
import { sigmoid } from '../util/vector.ts'
import { type Alarm, DAY_MS, type Level, type SeenAt, type TrialPast } from './trialTypes.ts'

export interface LadderOptions {
  readonly event: string
  /** With the event's present threshold: the distance of the release threshold stays the same. */
  readonly rule: DetectRule
  /** After a longer gap between frames, open events end and state starts again, ms. */
  readonly gapMs: number
  /** Ascending. Default: `LADDER`. */
  readonly thresholds?: readonly number[]
}

export interface ThresholdLadder {
  /** Scored frames and statuses of any number of cameras, in order of time for each. */
  take(signal: Signal<ScoredFrame>): void
  /** What was found; open events end here. */
  finish(): TrialPast
}

/** From 0.3, where events are everyday, to 0.995, in equal steps of log-odds; a longer step would miss a good threshold. */
export const LADDER: readonly number[] = Array.from({ length: 26 }, (_, i) => round(sigmoid(-0.85 + i * 0.246)))

/** One camera. */
interface CameraRun {
  /** Under a threshold that nothing reaches. */
  idle: CameraState
  /** One for each threshold. */
  readonly rungs: readonly Rung[]
  /** Day since the epoch → watched fraction. */
  readonly days: Map<number, number>
  lastAt: number | null
  /** The last frames, which the median of the smoothing is taken of. */
  recent: readonly ScoredFrame[]
}

interface Rung {
  readonly level: number
  /** Null: at rest, its state is `idle`. */
  state: CameraState | null
  /** Of the open event. */
  best: { readonly topTime: number; readonly seen: SeenAt } | null
}

/** Frames. */
const RECENT = 3

/** No score reaches it. */
const UNREACHABLE = 10

/**
 * Below its threshold, an event at rest is in the same state at every threshold. So that state is computed once, and a
 * threshold has a state of its own only from a frame that reaches it until it rests again.
 */
export function createThresholdLadder({ event, rule, gapMs, thresholds = LADDER }: LadderOptions): ThresholdLadder {
  const optionsAt = (threshold: number): CameraOptions => {
    return { rules: new Map([[event, atThreshold(rule, threshold)]]), updateEveryMs: Number.POSITIVE_INFINITY, gapMs }
  }
  const idleOptions = optionsAt(UNREACHABLE)
  const options = thresholds.map(optionsAt)
  const alarms: Alarm[][] = thresholds.map(() => [])
  const cameras = new Map<string, CameraRun>()

  const runOf = (signal: Signal<ScoredFrame>): CameraRun => {
    const name = signal.kind === 'status' ? signal.camera : signal.frame.camera
    const rungs = () => thresholds.map((_, level): Rung => ({ level, state: null, best: null }))
    const run = cameras.get(name) ?? { idle: UNWATCHED, rungs: rungs(), days: new Map(), lastAt: null, recent: [] }
    cameras.set(name, run)
    return run
  }
  const collect = (changes: readonly EventChange[], { level, best }: Rung) => {
    for (const { type, after } of changes) {
      if (type !== 'end') continue
      const { camera, startTime, topScore, topTime } = after
      const seen = best?.topTime === topTime ? best.seen : null
      alarms[level]?.push({ camera, startTime, endTime: after.endTime ?? topTime, topScore, topTime, seen })
    }
  }
  return {
    take(signal) {
      const run = runOf(signal)
      const top = signal.kind === 'status' ? 0 : topOf(signal, event)
      countTime(run, signal, gapMs)
      run.recent = signal.kind === 'status' ? [] : [...run.recent.slice(1 - RECENT), signal]
      const before = run.idle
      run.idle = cameraStep(before, signal, idleOptions)[0]
      for (const rung of run.rungs) {
        if (rung.state === null && top < (thresholds[rung.level] as number)) continue
        const [next, changes] = cameraStep(rung.state ?? before, signal, options[rung.level] as CameraOptions)
        collect(changes, rung)
        followPeak(rung, next, { recent: run.recent, event })
        rung.state = rests(next, run.idle, event) ? null : next
      }
    },
    finish() {
      for (const run of cameras.values())
        for (const rung of run.rungs) {
          collect(endAll(rung.state ?? UNWATCHED, 'shutdown'), rung)
          rung.state = null
        }
      return {
        levels: thresholds.map((threshold, level) => ({ threshold, alarms: byStart(alarms[level] ?? []) })),
        watched: [...cameras].map(([camera, { days }]) => ({ camera, days })),
      }
    },
  }
}

/** The highest score of the event in any view. */
function topOf({ views }: ScoredFrame, event: string): number {
  return views.reduce((top, { scores }) => Math.max(top, scores[event] ?? 0), 0)
}

/** Whether from now on it goes as if there had never been an event. */
function rests(state: CameraState, idle: CameraState, event: string): boolean {
  const [own, resting] = [state.watches.get(event), idle.watches.get(event)]
  if (own === undefined || resting === undefined) return own === resting
  const { trigger } = own
  if (own.open !== null || trigger.phase !== 'off' || !trigger.armed) return false
  return state.at === idle.at && trigger.freeAt <= (state.at ?? 0) && isDeepStrictEqual(own.memory, resting.memory)
}

/** Keeps what the newest peak shows. */
function followPeak(rung: Rung, state: CameraState, { recent, event }: Peaked): void {
  const open = state.watches.get(event)?.open?.event
  if (!open || open.topTime !== state.at || rung.best?.topTime === open.topTime) return
  const seen = strongestOf(recent, event)
  rung.best = seen && { topTime: open.topTime, seen }
}

interface Peaked {
  readonly recent: readonly ScoredFrame[]
  readonly event: string
}

/** Null when the event counts in none of the views. */
function strongestOf(frames: readonly ScoredFrame[], event: string): SeenAt | null {
  let [best, top]: [SeenAt | null, number] = [null, Number.NEGATIVE_INFINITY]
  for (const { frame, views } of frames)
    for (const { view, embedding, rawScores } of views) {
      const score = rawScores[event]
      if (score === undefined || score <= top) continue
      best = { at: frame.capturedAt, view: view.id, world: worldOf(view), light: frame.light, embedding }
      top = score
    }
  return best
}

/** Time counts while frames follow one another, not while the camera is lost. */
function countTime(run: CameraRun, signal: Signal<ScoredFrame>, gapMs: number): void {
  if (signal.kind === 'status') {
    if (LOST.has(signal.state)) run.lastAt = null
    return
  }
  const { capturedAt: at } = signal.frame
  const elapsed = run.lastAt === null ? 0 : at - run.lastAt
  run.lastAt = at
  if (elapsed <= 0 || elapsed > gapMs) return
  const day = Math.floor(at / DAY_MS)
  run.days.set(day, (run.days.get(day) ?? 0) + elapsed / DAY_MS)
}

const LOST: ReadonlySet<CameraStatus['state']> = new Set(['offline', 'ended', 'disabled'])

/**
 * Without the levels below the busiest: there, one alarm runs into the next, and a picture of its peak says little about
 * the rest.
 */
export function fromBusiest({ levels, watched }: TrialPast): TrialPast {
  const busiest = levels.reduce(
    (best, { alarms }, i) => (alarms.length > (levels[best] as Level).alarms.length ? i : best),
    0,
  )
  return { levels: levels.slice(busiest), watched }
}

function byStart(alarms: readonly Alarm[]): Alarm[] {
  return [...alarms].sort((a, b) => a.startTime - b.startTime)
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
