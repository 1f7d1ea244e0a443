/** The score of an event: how surprising a frame is for this camera, seen through the event's phrases. */

import type { AnswerFit, Calibration, EventText, Judgement, QuietFit, ScoringTexts } from '../scoringTypes.ts'
import { byName } from '../util/byName.ts'
import { sigmoid } from '../util/vector.ts'
import { answersShift } from './fitAnswers.ts'
import { quietMargin } from './fitQuiet.ts'
import { type Logit, logits } from './logits.ts'
import { expectedLevel, marginOf } from './marginOf.ts'

/** Number of a camera's own images that replace a calibration which was not fitted on images. */
const DEFAULT_IMAGES = 20

/** Event name → what the camera's images taught about it; null: nothing yet. */
export type QuietFits = (event: string) => QuietFit | null

/** Nothing was learned: the calibration of the model decides alone. */
export const NOTHING_LEARNED: QuietFits = () => null

/** Event name → what the answers about it taught on the camera; null: nothing. */
export type AnswerFits = (event: string) => AnswerFit | null

const NO_ANSWERS: AnswerFits = () => null

/**
 * Each event is scored on its own, so adding an event changes no other event's score.
 * @param embedding [dim] float32, L2-normalised
 * @param fits what the frame's camera taught, in the light of the frame
 * @param answers what people's answers taught there
 * @returns event name → how its score came about
 */
export function judgeEvents(
  embedding: Float32Array,
  { logitScale, calibration }: ScoringTexts,
  events: readonly EventText[],
  fits: QuietFits = NOTHING_LEARNED,
  answers: AnswerFits = NO_ANSWERS,
): Record<string, Judgement> {
  const logit = logits(embedding, logitScale)
  return byName(
    events.map(event => {
      const learned = { fit: fits(event.event), answers: answers(event.event) }
      return [event.event, judgeEvent(event, { embedding, logit, calibration, ...learned })] as const
    }),
  )
}

/** As `judgeEvents`. @returns event name → score in [0, 1] */
export function eventScores(...judged: Parameters<typeof judgeEvents>): Record<string, number> {
  return scoresOf(judgeEvents(...judged))
}

export function scoresOf(judgements: Readonly<Record<string, Judgement>>): Record<string, number> {
  return byName(Object.entries(judgements).map(([event, { score }]) => [event, score] as const))
}

export interface ScoredImage {
  readonly embedding: Float32Array
  /** Of the same embedding. */
  readonly logit: Logit
  readonly calibration: Calibration
  readonly fit: QuietFit | null
  /** Default: none. */
  readonly answers?: AnswerFit | null
}

/**
 * score = sigmoid((margin − centre) / width). Centre and width come from the model's calibration at first, and from the
 * camera's own images as soon as there are enough; in between both count in proportion. Answers move the log-odds; those
 * of levels stay, because they are no probability.
 */
export function judgeEvent(event: EventText, image: ScoredImage): Judgement {
  const { embedding, logit, calibration, fit, answers = null } = image
  const learned = learnedFraction(fit, calibration)
  const margin = event.levels === null ? marginOf(event, logit) : expectedLevel(event.levels, logit)
  const own = fit === null ? null : event.levels === null ? quietMargin(fit, embedding) : margin
  const shift = event.levels === null ? answersShift(answers, embedding) : 0
  const logOdds =
    (learned < 1 ? (1 - learned) * priorOdds(event, calibration, margin) : 0) +
    (fit !== null && own !== null && learned > 0 ? learned * ((own - fit.centre) / fit.width) : 0) +
    shift
  return {
    margin,
    aboveQuiet: fit === null || own === null ? null : own - fit.location,
    learned,
    answers: shift,
    logOdds,
    score: sigmoid(logOdds),
  }
}

/** The score alone, [0, 1]. */
export function eventScore(event: EventText, image: ScoredImage): number {
  return judgeEvent(event, image).score
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
function priorOdds({ levels }: EventText, { centre, width }: Calibration, margin: number): number {
  return levels === null ? (margin - centre) / width : Math.log(margin / (1 - margin))
}
