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
