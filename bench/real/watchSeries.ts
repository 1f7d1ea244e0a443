/** Runs the product's smoothing and trigger over the scores of a recording. */

import { eventSchema } from '../../src/config/eventSchema.ts'
import { restingUntil, triggerStep } from '../../src/operators/detect/triggerStep.ts'
import { type Curve, smoothStep } from '../../src/operators/smooth.ts'

export interface Start {
  /** Second to which the event is dated. */
  readonly at: number
  /** Second at which it was certain. */
  readonly publishedAt: number
}

const SMOOTHING_MS = 300
const GAP_MS = 30_000
/** The defaults of an event; only `prompts` has none. */
const EVENT = eventSchema.parse({ prompts: ['an event'] })
const TRIGGER = {
  threshold: EVENT.threshold,
  releaseThreshold: EVENT.release_threshold,
  minOnMs: EVENT.min_on,
  minOffMs: EVENT.min_off,
  cooldownMs: EVENT.cooldown,
  maxDurationMs: EVENT.max_duration,
}

/** @param scores one a frame, [0, 1] */
export function watchSeries(scores: readonly number[], fps: number): { starts: Start[]; smoothed: number[] } {
  let [curve, state]: [Curve | null, ReturnType<typeof restingUntil>] = [null, restingUntil(0)]
  const [starts, smoothed]: [Start[], number[]] = [[], []]
  for (const [i, score] of scores.entries()) {
    const at = (i * 1000) / fps
    curve = smoothStep(curve, score, at, { tauMs: SMOOTHING_MS, median: 3, gapMs: GAP_MS })
    const [next, change] = triggerStep(state, { level: curve.value, since: at }, at, TRIGGER)
    state = next
    smoothed.push(curve.value)
    if (change?.type === 'start') starts.push({ at: change.at / 1000, publishedAt: at / 1000 })
  }
  return { starts, smoothed }
}
