/** The product's score of one image, which must be a number: with NaN neither an event nor its absence would be counted. */

import { eventScore } from '../../src/scoring/eventScores.ts'
import { logits } from '../../src/scoring/logits.ts'
import type { Calibration, EventText, QuietFit } from '../../src/scoringTypes.ts'

export interface ScoreOptions {
  readonly calibration: Calibration
  readonly logitScale: number
}

/** [0, 1]. @throws Error for NaN */
export function scoreOf(
  event: EventText,
  embedding: Float32Array,
  fit: QuietFit | null,
  { calibration, logitScale }: ScoreOptions,
): number {
  const score = eventScore(event, { embedding, logit: logits(embedding, logitScale), calibration, fit })
  if (Number.isNaN(score)) throw new Error(`${event.event}: a score is NaN with a bank of ${fit?.images ?? 0} images`)
  return score
}
