/** The same rule with another threshold. */

import type { DetectRule } from './detectRule.ts'

/** At a release threshold of 0 no event would end. */
const LEAST_RELEASE = 1 / 3

/** The release threshold keeps its distance, so that the hysteresis stays the same, down to a third of the threshold. */
export function atThreshold(rule: DetectRule, threshold: number): DetectRule {
  const { trigger } = rule
  const least = Math.min(trigger.releaseThreshold, threshold * LEAST_RELEASE)
  const releaseThreshold = Math.max(least, threshold - (trigger.threshold - trigger.releaseThreshold))
  return { ...rule, trigger: { ...trigger, threshold, releaseThreshold } }
}
