/** Scores become events: rules give evidence, one trigger decides, and every event that starts also ends. */

import type { OperatorFunction } from 'rxjs'
import type { Outcome, ScoredFrame, Signal } from '../types.ts'
import { type CameraState, cameraStep, endAll, UNWATCHED } from './detect/camera.ts'
import type { DetectRule } from './detect/rule.ts'
import { perCamera } from './perCamera.ts'

export interface DetectOptions {
  /** Event name → rule for what a camera watches now. Asked for every frame: rules may change at run time. */
  readonly rules: (camera: string) => ReadonlyMap<string, DetectRule>
  /** New peaks of an open event are told at most this often. */
  readonly updateEveryMs: number
  /** After a longer silence, or when time jumps back, open events end and everything begins anew. */
  readonly gapMs: number
}

/**
 * ```
 * scored    l-h-h---h-l-l---|     l: low, h: high
 * detect
 * outcomes  l-h-(hn)h-l-(le)|     n: new, e: end
 * ```
 *
 * Frames and statuses go on in order; what a frame causes follows it, what a status ends comes before it.
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
