/** Scores of events against each other. */

import type { EventText, ScoringTexts } from '../scoringTypes.ts'
import { byName } from '../util/byName.ts'
import { logits, softmax } from './logits.ts'

/**
 * Plain softmax over the events' prompts: the scores of a frame always add up to 1. Contrast phrases and levels are ignored.
 * @param embedding [dim] float32, L2-normalised
 * @returns event name → score in [0, 1]
 */
export function softmaxScores(
  embedding: Float32Array,
  { logitScale }: ScoringTexts,
  events: readonly EventText[],
): Record<string, number> {
  const logit = logits(embedding, logitScale)
  const scores = softmax(events.map(({ positive }) => logit(positive)))
  return byName(events.map(({ event }, i) => [event, scores[i] ?? 0] as const))
}
