/** What a bank and the answers teach about one event in one kind of light. */

import { judgeEvent } from '../scoring/eventScores.ts'
import { fitAnswers } from '../scoring/fitAnswers.ts'
import { fitQuiet } from '../scoring/fitQuiet.ts'
import { logits } from '../scoring/logits.ts'
import type { AnswerFit, EventText, Example, QuietFit, ScoringTexts } from '../scoringTypes.ts'

export interface LearnedEvent {
  /** null: too few images. */
  readonly fit: QuietFit | null
  /** null: the answers change nothing. */
  readonly answers: AnswerFit | null
}

/**
 * @param images what the camera shows without the event (`imagesFor`)
 * @param examples answers about the event there
 */
export function learnEvent(
  images: readonly Float32Array[],
  examples: readonly Example[],
  { event, texts }: { readonly event: EventText; readonly texts: Pick<ScoringTexts, 'logitScale' | 'calibration'> },
): LearnedEvent {
  const fit = fitQuiet(images, event, texts.logitScale)
  return { fit, answers: answersOf(fit, images, examples, { event, texts }) }
}

/** As `learnEvent`, where the fit is chosen by other rules. */
export function answersOf(
  fit: QuietFit | null,
  images: readonly Float32Array[],
  examples: readonly Example[],
  { event, texts: { logitScale, calibration } }: Parameters<typeof learnEvent>[2],
): AnswerFit | null {
  if (examples.length === 0 || event.levels !== null) return null
  const judged = examples.map(example => {
    const { embedding } = example
    const { logOdds } = judgeEvent(event, { embedding, logit: logits(embedding, logitScale), calibration, fit })
    return { ...example, logOdds }
  })
  return fitAnswers(judged, images)
}
