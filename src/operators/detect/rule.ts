/** What makes an event of a score curve, as the configuration says it. */

import type { TriggerOptions } from './trigger.ts'

export type DetectRule = { readonly trigger: TriggerOptions } & (
  | { readonly rule: 'present' | 'level' }
  /** Still moves so long after the picture last moved. */
  | { readonly rule: 'moves'; readonly windowMs: number }
  /** Motion must have been seen this long before the thing came to rest. */
  | { readonly rule: 'stops'; readonly windowMs: number }
  | { readonly rule: 'lingers'; readonly lingerMs: number }
  /** The event lasts this long after it is certain that the thing has gone. */
  | { readonly rule: 'leaves'; readonly windowMs: number }
)

/** What a rule makes of a frame: a level, and since when that has been so. */
export interface Evidence {
  /** [0, 1] */
  readonly level: number
  /** ms, at most the frame's time: earlier where a rule learns late what has been so for a while. */
  readonly since: number
}

/** One frame as a rule sees it. */
export interface Sample {
  /** Frame time, ms. */
  readonly at: number
  /** Smoothed, [0, 1]. */
  readonly score: number
  readonly rawScore: number
  /** Share of the picture, [0, 1]: see `MarkedFrame`. */
  readonly motion: number
  readonly settled: number
}
