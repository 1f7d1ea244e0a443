/** Which phrases decided the score of an event in one image. Pure. */

import type { EventText, EventWords, Judgement, Phrase, Why } from '../scoringTypes.ts'
import { logits, softmax } from './logits.ts'

/** A phrase and how well it fits an image. */
export interface WeighedPhrase {
  readonly phrase: string
  /** Logit with the image, nats. */
  readonly logit: number
  /** How much of its side it decides, [0, 1]: the softmax among the phrases of that side. */
  readonly share: number
}

export type PhraseSides = Sides<WeighedPhrase>

interface Sides<T> {
  /** The prompts; of an event with levels all levels but the first. */
  readonly for: readonly T[]
  /** The contrast phrases; of an event with levels the first level. */
  readonly against: readonly T[]
}

/** The phrases for and against an event, in the order of the config: of levels, the first one is against it. */
export function phraseSides({ prompts, contrast, levels }: EventWords): Sides<Phrase> {
  return levels === null ? { for: prompts, against: contrast } : { for: levels.slice(1), against: levels.slice(0, 1) }
}

/**
 * @param embedding [dim] float32, L2-normalised
 * @returns null where the phrases are not known
 */
export function explainEvent(embedding: Float32Array, { words }: EventText, logitScale: number): PhraseSides | null {
  if (words === undefined) return null
  const logit = logits(embedding, logitScale)
  const sides = phraseSides(words)
  const weigh = (phrases: readonly Phrase[]) =>
    weighPhrases(
      phrases.map(({ text }) => text),
      phrases.map(({ vector }) => logit(vector)),
    )
  return { for: weigh(sides.for), against: weigh(sides.against) }
}

/** The phrases of one side with their logits, the most decisive first. */
export function weighPhrases(phrases: readonly string[], values: readonly number[]): WeighedPhrase[] {
  const shares = softmax(values)
  return phrases
    .map((phrase, i) => ({ phrase, logit: values[i] as number, share: shares[i] as number }))
    .sort((a, b) => b.logit - a.logit)
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
): Omit<Why, 'at' | 'odds'> | null {
  const sides = explainEvent(embedding, text, logitScale)
  const [strongest] = sides?.for ?? []
  if (sides === null || strongest === undefined || judgement === undefined) return null
  const { margin, aboveQuiet } = judgement
  return { for: strongest.phrase, against: sides.against[0]?.phrase ?? null, margin, aboveQuiet }
}
