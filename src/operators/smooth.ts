/** Smooths the scores of each view: median of 3, then an exponential average over frame time, not over frame count. */

import type { OperatorFunction } from 'rxjs'
import type { ScoredFrame, ScoredView, Signal } from '../types.ts'
import { byName } from '../util/byName.ts'
import { quantile } from '../util/vector.ts'
import { elapsedMs } from './elapsedMs.ts'
import { perCamera } from './perCamera.ts'
import { bestOfViews } from './views/bestOfViews.ts'
import { WHOLE_VIEW } from './views/wholeView.ts'

export interface SmoothOptions {
  /** Time constant of an event's average, ms; 0: none. Read for every frame. */
  readonly tauMs: (event: string) => number
  /** How many raw scores the median looks at; 1: none. */
  readonly median: 1 | 3
  /** After a longer gap, or when time jumps back, smoothing starts again. */
  readonly gapMs: number
}

/** The curve of one event in one view of a camera. */
export interface Curve {
  /** Frame time of the newest score, ms. */
  readonly at: number
  /** The newest raw scores, oldest first, as many as the median looks at. */
  readonly recent: readonly number[]
  /** Smoothed, [0, 1]. */
  readonly value: number
}

export interface CurveOptions {
  readonly tauMs: number
  readonly median: 1 | 3
  readonly gapMs: number
}

/**
 * ```
 * raw       a--b--c--x--d--|     x: offline
 * smooth
 * smoothed  a--m--m--x--d--|     m: smoothed with the scores before; d starts again
 * ```
 *
 * Frames with a problem (frozen, dark) carry no information: they repeat the last smoothed scores and change no state.
 */
export function smooth({
  tauMs,
  median,
  gapMs,
}: SmoothOptions): OperatorFunction<Signal<ScoredFrame>, Signal<ScoredFrame>> {
  return perCamera<Curves, Signal<ScoredFrame>>({
    initial: new Map(),
    step: (curves, signal) => {
      if (signal.kind === 'status') return [signal.state === 'online' ? curves : new Map(), [signal]]
      const { frame } = signal
      const whole = curves.get(WHOLE_VIEW)
      const smoothed = signal.views.map(view => {
        const before = curves.get(view.view.id) ?? new Map<string, Curve>()
        const step = (event: string, raw: number) => {
          const options = { tauMs: tauMs(event), median, gapMs }
          const first = whole === undefined ? null : begin(whole.get(event) ?? null, raw, frame.capturedAt)
          return smoothStep(before.get(event) ?? first, raw, frame.capturedAt, options)
        }
        const after = frame.problem
          ? before
          : new Map(Object.entries(view.rawScores).map(([event, raw]) => [event, step(event, raw)]))
        return { after, view: withScores(view, after) }
      })
      const views = smoothed.map(({ view }) => view)
      const scores = bestOfViews(views, 'scores', Object.keys(signal.rawScores))
      const next = new Map(smoothed.map(({ view, after }) => [view.view.id, after]))
      // A crop that was dropped under load goes on where it was.
      for (const { id } of frame.views) {
        const kept = curves.get(id)
        if (kept !== undefined && !next.has(id)) next.set(id, kept)
      }
      return [next, [{ ...signal, scores, views }]]
    },
  })
}

/** A view that begins while the camera runs starts from the whole image: its first raw score alone must not start an event. */
function begin(whole: Curve | null, raw: number, at: number): Curve {
  return { at, recent: [raw], value: Math.min(raw, whole?.value ?? 0) }
}

/** View id → event name → curve. A view that ended is forgotten. */
type Curves = ReadonlyMap<string, ReadonlyMap<string, Curve>>

function withScores(view: ScoredView, curves: ReadonlyMap<string, Curve>): ScoredView {
  const scores = Object.keys(view.rawScores).map(event => [event, curves.get(event)?.value ?? 0] as const)
  return { ...view, scores: byName(scores) }
}

/** Adds one raw score: median of the newest, then alpha = 1 − exp(−dt / tau) towards it. */
export function smoothStep(
  curve: Curve | null,
  raw: number,
  at: number,
  { tauMs, median, gapMs }: CurveOptions,
): Curve {
  const dtMs = curve === null ? null : elapsedMs(curve.at, at, gapMs)
  if (curve === null || dtMs === null) return { at, recent: [raw], value: raw }
  const recent = [...curve.recent, raw].slice(-median)
  const alpha = tauMs > 0 ? 1 - Math.exp(-dtMs / tauMs) : 1
  const value = curve.value + alpha * (quantile(recent, 0.5) - curve.value)
  return { at: curve.at + dtMs, recent, value }
}
