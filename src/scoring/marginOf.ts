/** The margin of an event: how much better a frame fits its prompts than its contrast phrases. */

import type { EventText } from '../scoringTypes.ts'
import { logSumExp } from '../util/vector.ts'
import { type Logit, softmax } from './logits.ts'

/**
 * Logit of the event's prompts minus the log-*mean*-exp of its contrast phrases' logits, in nats. The mean, not the sum:
 * a further contrast phrase that fits like the others does not move the margin.
 */
export function marginOf({ positive, contrast }: EventText, logit: Logit): number {
  return logit(positive) - logSumExp(contrast.map(logit)) + Math.log(contrast.length)
}

/** Mean position on the scale of levels under their softmax: 0 is the first phrase, 1 the last. */
export function expectedLevel(levels: readonly Float32Array[], logit: Logit): number {
  const last = Math.max(1, levels.length - 1)
  return softmax(levels.map(logit)).reduce((sum, probability, i) => sum + (probability * i) / last, 0)
}
