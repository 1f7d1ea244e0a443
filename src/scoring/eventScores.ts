/** The score of an event: how surprising a frame is for this camera, seen through the event's phrases. */

import type { Calibration, EventText, QuietFit, ScoringTexts } from '../scoringTypes.ts'
import { byName } from '../util/byName.ts'
import { sigmoid } from '../util/vector.ts'
import { quietMargin } from './fitQuiet.ts'
import { type Logit, logits } from './logits.ts'
import { expectedLevel, marginOf } from './marginOf.ts'

/** Number of a camera's own images that replace a calibration which was not fitted on images. */
const DEFAULT_IMAGES = 20

/** Event name → what the camera's images taught about it; null: nothing yet. */
export type QuietFits = (event: string) => QuietFit | null

/** Nothing was learned: the calibration of the model decides alone. */
export const NOTHING_LEARNED: QuietFits = () => null

/**
 * Each event is scored on its own, so adding an event changes no other event's score.
 * @param embedding [dim] float32, L2-normalised
 * @param fits what the frame's camera taught, in the light of the frame
 * @returns event name → score in [0, 1]
 */
export function eventScores(
  embedding: Float32Array,
  { logitScale, calibration }: ScoringTexts,
  events: readonly EventText[],
  fits: QuietFits = NOTHING_LEARNED,
): Record<string, number> {
  const logit = logits(embedding, logitScale)
  return byName(
    events.map(
      event => [event.event, eventScore(event, { embedding, logit, calibration, fit: fits(event.event) })] as const,
    ),
  )
}

export interface ScoredImage {
  readonly embedding: Float32Array
  /** Of the same embedding. */
  readonly logit: Logit
  readonly calibration: Calibration
  readonly fit: QuietFit | null
}

/**
 * sigmoid((margin − centre) / width). Centre and width come from the model's calibration at first, and from the
 * camera's own images as soon as there are enough; in between both count in proportion. [0, 1]
 */
export function eventScore(event: EventText, { embedding, logit, calibration, fit }: ScoredImage): number {
  const learned = learnedFraction(fit, calibration)
  const odds =
    (learned < 1 ? (1 - learned) * priorOdds(event, calibration, logit) : 0) +
    (fit !== null && learned > 0 ? learned * learnedOdds(event, fit, embedding, logit) : 0)
  return sigmoid(odds)
}

/** How far the camera's own images decide: 0 the model's calibration alone, 1 the camera alone. */
export function learnedFraction(fit: QuietFit | null, { images = DEFAULT_IMAGES }: Calibration): number {
  return fit === null ? 0 : Math.min(1, fit.images / images)
}

/** A full bank of 1,000 images would replace a tenth of a calibration that is worth so many. */
const MOST_IMAGES = 10_000

/** False for a model that knows its scale, such as the bundled one in its own world: nothing is learned for it. */
export function learnsFromImages({ images = DEFAULT_IMAGES }: Calibration): boolean {
  return images <= MOST_IMAGES
}

/** Log-odds of the score under the model's calibration; for levels those of the expected level. */
function priorOdds(event: EventText, { centre, width }: Calibration, logit: Logit): number {
  if (event.levels === null) return (marginOf(event, logit) - centre) / width
  const level = expectedLevel(event.levels, logit)
  return Math.log(level / (1 - level))
}

function learnedOdds(event: EventText, fit: QuietFit, embedding: Float32Array, logit: Logit): number {
  const margin = event.levels === null ? quietMargin(fit, embedding) : expectedLevel(event.levels, logit)
  return (margin - fit.centre) / fit.width
}
