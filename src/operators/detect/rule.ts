/** The rule that turns a score curve into events, as configured. */

import type { TriggerOptions } from './trigger.ts'

export type DetectRule = { readonly trigger: TriggerOptions } & (
  | { readonly rule: 'present' | 'level' }
  /** The object counts as moving this long after the last motion. */
  | { readonly rule: 'moves'; readonly windowMs: number }
  /** Motion must have been seen at most this long before the object came to rest. */
  | { readonly rule: 'stops'; readonly windowMs: number }
  | { readonly rule: 'lingers'; readonly lingerMs: number }
  /** The event lasts this long after it is certain that the object left. */
  | { readonly rule: 'leaves'; readonly windowMs: number }
)

/** A rule's result for one frame: a level, and since when it holds. */
export interface Evidence {
  /** [0, 1] */
  readonly level: number
  /** ms, at most the frame's time; earlier where a rule needs time to be certain. */
  readonly since: number
}

/** One frame as a rule sees it. */
export interface Sample {
  /** Frame time, ms. */
  readonly at: number
  /** Smoothed, [0, 1]. */
  readonly score: number
  readonly rawScore: number
  /** Fraction of the image, [0, 1]: see `MarkedFrame`. */
  readonly motion: number
  readonly settled: number
}
