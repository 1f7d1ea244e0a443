/** Which phrases decided the score of an event in one image. Pure. */

import type { EventText, Judgement, Phrase, Why } from '../scoringTypes.ts'
import { logits, softmax } from './logits.ts'

/** A phrase and how well it fits an image. */
export interface WeighedPhrase {
  readonly phrase: string
  /** Logit with the image, nats. */
  readonly logit: number
  /** How much of its side it decides, [0, 1]: the softmax among the phrases of that side. */
  readonly share: number
}

export interface PhraseSides {
  /** The prompts, the most decisive first; of an event with levels all levels but the first. */
  readonly for: readonly WeighedPhrase[]
  /** The contrast phrases, the most decisive first; of an event with levels the first level. */
  readonly against: readonly WeighedPhrase[]
}

/**
 * @param embedding [dim] float32, L2-normalised
 * @returns null where the phrases are not known
 */
export function explainEvent(embedding: Float32Array, { words }: EventText, logitScale: number): PhraseSides | null {
  if (words === undefined) return null
  const logit = logits(embedding, logitScale)
  const weigh = (phrases: readonly Phrase[]): WeighedPhrase[] => {
    const values = phrases.map(({ vector }) => logit(vector))
    const shares = softmax(values)
    return phrases
      .map(({ text }, i) => ({ phrase: text, logit: values[i] as number, share: shares[i] as number }))
      .sort((a, b) => b.logit - a.logit)
  }
  const { prompts, contrast, levels } = words
  return levels === null
    ? { for: weigh(prompts), against: weigh(contrast) }
    : { for: weigh(levels.slice(1)), against: weigh(levels.slice(0, 1)) }
}

export interface ExplainedView {
  readonly embedding: Float32Array
  /** Of the event in the view; absent where all events are scored against each other. */
  readonly judgement: Judgement | undefined
}

/** The short form that events carry. Null where nothing is known: without phrases, and where events are scored against each other. */
export function whyOf(
  { embedding, judgement }: ExplainedView,
  text: EventText,
  logitScale: number,
): Omit<Why, 'odds'> | null {
  const sides = explainEvent(embedding, text, logitScale)
  const [strongest] = sides?.for ?? []
  if (sides === null || strongest === undefined || judgement === undefined) return null
  const { margin, aboveQuiet } = judgement
  return { for: strongest.phrase, against: sides.against[0]?.phrase ?? null, margin, aboveQuiet }
}
