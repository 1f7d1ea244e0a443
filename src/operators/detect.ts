/** Turns scores into events: rules give evidence, one trigger decides, and every event that starts also ends. */

import type { OperatorFunction } from 'rxjs'
import type { Outcome, ScoredFrame, Signal } from '../types.ts'
import { type CameraState, cameraStep, endAll, UNWATCHED } from './detect/cameraStep.ts'
import type { DetectRule } from './detect/detectRule.ts'
import { perCamera } from './perCamera.ts'

export interface DetectOptions {
  /** Event name → rule, for the events enabled on a camera. Read for every frame: rules may change at run time. */
  readonly rules: (camera: string) => ReadonlyMap<string, DetectRule>
  /** New peaks of an open event are published at most this often. */
  readonly updateEveryMs: number
  /** After a longer gap, or when time jumps back, open events end and detection starts again. */
  readonly gapMs: number
}

/**
 * ```
 * scored    l-h-h---h-l-l---|     l: low, h: high
 * detect
 * outcomes  l-h-(hn)h-l-(le)|     n: new, e: end
 * ```
 *
 * Frames and statuses flow on in order; changes caused by a frame follow it, ends caused by a status come before it.
 * On completion open events end with `shutdown`.
 */
export function detect({ rules, updateEveryMs, gapMs }: DetectOptions): OperatorFunction<Signal<ScoredFrame>, Outcome> {
  return perCamera<CameraState, Outcome>({
    initial: UNWATCHED,
    step: (state, signal) => {
      const camera = signal.kind === 'status' ? signal.camera : signal.frame.camera
      const [next, changes] = cameraStep(state, signal, { rules: rules(camera), updateEveryMs, gapMs })
      return [next, signal.kind === 'status' ? [...changes, signal] : [signal, ...changes]]
    },
    finish: state => endAll(state, 'shutdown'),
  })
}
