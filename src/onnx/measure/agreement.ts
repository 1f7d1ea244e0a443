/** How often two variants make the same decision about an event. */

import { eventScore } from '../../scoring/eventScores.ts'
import { fitQuiet } from '../../scoring/fitQuiet.ts'
import { logits } from '../../scoring/logits.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'
import { normalize } from '../../util/vector.ts'

/**
 * By frame and event: is the unsmoothed score at least one half?
 * @param bank frames of the same scene, from which the variant learns as from a camera; none: its calibration decides
 */
export function decisionsOf(
  embeddings: readonly Float32Array[],
  texts: ScoringTexts,
  bank: readonly Float32Array[] = [],
): boolean[][] {
  const { logitScale, calibration, events } = texts
  const images = bank.map(normalize)
  const fits = events.map(event => fitQuiet(images, event, logitScale))
  return embeddings.map(embedding => {
    const unit = normalize(embedding)
    const logit = logits(unit, logitScale)
    return events.map((event, i) => eventScore(event, { embedding: unit, logit, calibration, fit: fits[i]! }) >= 0.5)
  })
}

export interface Agreement {
  /** Fraction of equal decisions, [0, 1]. */
  readonly share: number
  /** Frames times events. */
  readonly decisions: number
  /** Decisions of the reference that are yes: without any, agreement says little. */
  readonly positives: number
}

export function agreementOf(
  reference: readonly (readonly boolean[])[],
  candidate: readonly (readonly boolean[])[],
): Agreement {
  const expected = reference.flat()
  const found = candidate.flat()
  const equal = expected.filter((decision, i) => decision === found[i]).length
  return {
    share: expected.length === 0 ? 1 : equal / expected.length,
    decisions: expected.length,
    positives: expected.filter(decision => decision).length,
  }
}
