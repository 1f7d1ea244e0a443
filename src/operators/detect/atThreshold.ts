/** The same rule with another threshold. */

import type { DetectRule } from './detectRule.ts'

/** The release threshold keeps its distance, so that the hysteresis stays the same. */
export function atThreshold(rule: DetectRule, threshold: number): DetectRule {
  const { trigger } = rule
  const releaseThreshold = Math.max(0, threshold - (trigger.threshold - trigger.releaseThreshold))
  return { ...rule, trigger: { ...trigger, threshold, releaseThreshold } }
}
