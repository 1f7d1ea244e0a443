/** How often two variants make the same decision about an event. */

import { logits } from '../../scoring/logits.ts'
import { eventScore } from '../../scoring/eventScores.ts'
import type { ScoringTexts } from '../../types.ts'
import { normalize } from '../../util/vector.ts'

/** By frame and event: is the unsmoothed score at least one half? */
export function decisionsOf(embeddings: readonly Float32Array[], texts: ScoringTexts): boolean[][] {
  return embeddings.map(embedding => {
    const unit = normalize(embedding)
    const image = { embedding: unit, logit: logits(unit, texts.logitScale), calibration: texts.calibration, fit: null }
    return texts.events.map(event => eventScore(event, image) >= 0.5)
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
