/** The rule that turns a score curve into events, as configured. */

import type { TriggerOptions } from './triggerStep.ts'

export type DetectRule = { readonly trigger: TriggerOptions } & (
  | { readonly rule: 'present' | 'level' }
  /** The object counts as moving this long after the last motion. */
  | { readonly rule: 'moves'; readonly motionWindowMs: number }
  /** Motion must have been seen at most this long before the object came to rest. */
  | { readonly rule: 'stops'; readonly motionWindowMs: number }
  | { readonly rule: 'loiters'; readonly dwellMs: number }
  /** The event lasts this long after it is certain that the object left. */
  | { readonly rule: 'leaves'; readonly holdMs: number }
)
