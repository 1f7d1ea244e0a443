/** The events that other thresholds would have given, from frames that were scored and smoothed once. */

import type { EventChange, ScoredFrame, Signal } from '../types.ts'
import { atThreshold } from './detect/atThreshold.ts'
import { type CameraState, cameraStep, endAll, UNWATCHED } from './detect/cameraStep.ts'
import type { DetectRule } from './detect/detectRule.ts'

export interface DetectAtOptions {
  /** Event name → rule, for the events of a camera. Its threshold is replaced. Read once per camera. */
  readonly rules: (camera: string) => ReadonlyMap<string, DetectRule>
  /** As for `detect`. */
  readonly gapMs: number
}

export interface ThresholdRun {
  readonly threshold: number
  /** `new`, a last `update` with the peak where there was one later, and `end` of every event, in order of time. */
  readonly changes: readonly EventChange[]
}

/**
 * The whole rule runs at each threshold, because rules such as `stops` and `loiters` use it for more than the start.
 * @param scored what `smooth` emits
 * @param thresholds [0, 1]; in their order the runs are returned
 */
export function detectAt(
  scored: Iterable<Signal<ScoredFrame>>,
  options: DetectAtOptions,
  thresholds: readonly number[],
): ThresholdRun[] {
  const detectors = createThresholdDetectors(options, thresholds)
  for (const signal of scored) detectors.take(signal)
  return detectors.end()
}

export interface ThresholdDetectors {
  take(signal: Signal<ScoredFrame>): void
  /** Open events end with `shutdown`, as when `detect` completes. */
  end(): ThresholdRun[]
}

/** The same for frames that arrive one by one and are too many to be kept. */
export function createThresholdDetectors(
  { rules, gapMs }: DetectAtOptions,
  thresholds: readonly number[],
): ThresholdDetectors {
  const runs = thresholds.map(threshold => ({
    threshold,
    changes: [] as EventChange[],
    cameras: new Map<string, CameraRun>(),
  }))
  const cameraOf = ({ threshold, cameras }: (typeof runs)[number], camera: string): CameraRun => {
    const known = cameras.get(camera)
    if (known !== undefined) return known
    const own = new Map([...rules(camera)].map(([event, rule]) => [event, atThreshold(rule, threshold)] as const))
    const begun = { state: UNWATCHED, rules: own }
    cameras.set(camera, begun)
    return begun
  }
  return {
    take(signal) {
      const name = signal.kind === 'status' ? signal.camera : signal.frame.camera
      for (const run of runs) {
        const camera = cameraOf(run, name)
        const options = { rules: camera.rules, updateEveryMs: Number.POSITIVE_INFINITY, gapMs }
        const [state, changes] = cameraStep(camera.state, signal, options)
        camera.state = state
        run.changes.push(...changes)
      }
    },
    end: () =>
      runs.map(({ threshold, changes, cameras }) => ({
        threshold,
        changes: [...changes, ...[...cameras.values()].flatMap(({ state }) => endAll(state, 'shutdown'))],
      })),
  }
}

interface CameraRun {
  state: CameraState
  readonly rules: ReadonlyMap<string, DetectRule>
}
