/** Advice about the phrases of a config's events, from the vectors of its model. */

import { tokenizerOptions } from '../../clip/tokenizers/loadTokenizer.ts'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import type { ResolvedModel } from '../../models/resolveModel.ts'
import { type AdvisedEvent, adviseOn, type Finding } from '../../scoring/adviseOn.ts'
import { learnsFromImages } from '../../scoring/eventScores.ts'
import type { ScoringTexts } from '../../scoringTypes.ts'

type Events = LoadedConfig['config']['events']

/** Everything that can be said without a camera's images. @param texts of these events */
export function adviceFor(events: Events, texts: ScoringTexts, { card }: Pick<ResolvedModel, 'card'>): Finding[] {
  const advised = texts.events.map((text): AdvisedEvent => {
    const { negative_prompts: negativePrompts = [], rule = 'present' } = events[text.event] ?? {}
    return { text, negativePrompts, rule }
  })
  const context = {
    others: advised,
    contextLength: tokenizerOptions(card).contextLength,
    comparesPhrases: learnsFromImages(texts.calibration),
  }
  return advised.flatMap(event => adviseOn(event, context))
}
