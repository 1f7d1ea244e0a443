/** The score of an event: how much a frame looks like its prompts rather than like its contrast phrases. */

import type { Calibration, EventText, ScoringTexts } from '../types.ts'
import { byName } from '../util/byName.ts'
import { logSumExp, sigmoid } from '../util/vector.ts'
import { type Logit, logits, softmax } from './logits.ts'

/**
 * Each event is scored against its own contrast phrases, so adding an event changes no other event's score.
 * @param embedding [dim] float32, L2-normalised
 * @returns event name → score in [0, 1]
 */
export function twoWayScores(
  embedding: Float32Array,
  { logitScale, calibration }: ScoringTexts,
  events: readonly EventText[],
): Record<string, number> {
  const logit = logits(embedding, logitScale)
  return byName(events.map(event => [event.event, twoWayScore(event, calibration, logit)] as const))
}

/** sigmoid((margin − centre) / width); for an event with levels, its expected level. [0, 1] */
export function twoWayScore(event: EventText, { centre, width }: Calibration, logit: Logit): number {
  return event.levels === null
    ? sigmoid((marginOf(event, logit) - centre) / width)
    : expectedLevel(event.levels.map(logit))
}

/** Logit of the event's prompts minus the log-sum-exp of its contrast phrases' logits. */
export function marginOf({ positive, contrast }: EventText, logit: Logit): number {
  return logit(positive) - logSumExp(contrast.map(logit))
}

/** Mean position on the scale of levels under their softmax: 0 is the first phrase, 1 the last. */
function expectedLevel(levels: readonly number[]): number {
  const last = Math.max(1, levels.length - 1)
  return softmax(levels).reduce((sum, probability, i) => sum + (probability * i) / last, 0)
}
