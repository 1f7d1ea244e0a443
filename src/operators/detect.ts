/** Turns scores into events: rules give evidence, one trigger decides, and every event that starts also ends. */

import type { OperatorFunction } from 'rxjs'
import type { Why } from '../scoringTypes.ts'
import type { Outcome, ScoredFrame, ScoredView, Signal } from '../types.ts'
import { byName } from '../util/byName.ts'
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
  /** Why a view decided for an event. Called when an event starts, and at each new peak. Default: nothing is known. */
  readonly explain?: (camera: string, event: string, view: ScoredView) => Omit<Why, 'at'> | null
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
export function detect(options: DetectOptions): OperatorFunction<Signal<ScoredFrame>, Outcome> {
  const { rules, updateEveryMs, gapMs, explain = () => null } = options
  return perCamera<CameraState, Outcome>({
    initial: UNWATCHED,
    step: (state, signal) => {
      const camera = signal.kind === 'status' ? signal.camera : signal.frame.camera
      const [next, changes] = cameraStep(state, signal, {
        rules: rules(camera),
        updateEveryMs,
        gapMs,
        explain: (event, view) => explain(camera, event, view),
      })
      return [next, signal.kind === 'status' ? [...changes, signal] : [withEvidence(signal, next), ...changes]]
    },
    finish: state => endAll(state, 'shutdown'),
  })
}

function withEvidence(scored: ScoredFrame, { watches }: CameraState): ScoredFrame {
  if (scored.frame.problem) return scored
  return { ...scored, evidence: byName([...watches].map(([event, { judged }]) => [event, judged] as const)) }
}
