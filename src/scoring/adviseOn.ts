/** Advice about the phrases of an event: which of them cannot work, and what to write instead. Pure. */

import type { EventText, EventWords, Phrase, QuietFit } from '../scoringTypes.ts'
import { dot } from '../util/vector.ts'
import { isBareNoun, negationIn, placesIn, placesNamed, placeWord } from './wordingAdvice.ts'

export type AdviceCode =
  | 'synonym-contrast'
  | 'own-contrast'
  | 'negation'
  | 'duplicate-event'
  | 'too-long'
  | 'bare-noun'
  | 'place-missing'
  | 'indistinct'

export interface Finding {
  readonly event: string
  readonly code: AdviceCode
  /** The phrase that it is about; null: the event as a whole. */
  readonly phrase: string | null
  /** What is wrong. */
  readonly message: string
  /** What to do. */
  readonly advice: string
}

export interface AdvisedEvent {
  readonly text: EventText
  /** As written in the config: those that repeat a prompt are not in `text`. */
  readonly negativePrompts: readonly string[]
  readonly rule: string
}

export interface AdviceContext {
  readonly others: readonly AdvisedEvent[]
  /** Tokens that the model reads of a text. */
  readonly contextLength: number
  /** Cosines between phrases have the scale of CLIP. False for a model that was trained for few scenes, such as the bundled one. */
  readonly comparesPhrases: boolean
  /** What a camera's images taught. */
  readonly fit?: QuietFit | null
  /** Images of which a person said whether they show the event. */
  readonly answers?: { readonly yes: readonly Float32Array[]; readonly no: readonly Float32Array[] }
}

/**
 * Two phrases this near are one to the model. Among 4,312 phrases of CLIP ViT-B/32 nearly every pair above it is a synonym or a
 * spelling ("a streetlight", "street lights"); "a man" and "a woman" lie at 0.945, "a car" and "a truck" at 0.933. The
 * difference of two phrases rises by about 7.7 · |a − b| · (logit scale / 100) nats from a usual image to the best of 200: by
 * 1.8 nats at 0.97. A score of 0.5 needs 3.5 deviations, which is 1.8 nats on a usual camera (deviation 0.5).
 */
const SAME_COSINE = 0.97
/** An area under the ROC curve below this is little better than chance; with `LEAST_ANSWERS` on each side. */
const LEAST_AUC = 0.65
const LEAST_ANSWERS = 5

export function adviseOn(event: AdvisedEvent, context: AdviceContext): readonly Finding[] {
  const { words } = event.text
  if (words === undefined) return []
  return [
    ...wordingFindings(event, words),
    ...lengthFindings(event, words, context),
    ...contrastFindings(event, words, context),
    ...duplicateFindings(event, words, context),
    ...placeFindings(event, words),
    ...distinctionFindings(event, words, context),
  ]
}

type Made = (code: AdviceCode, phrase: string | null, message: string, advice: string) => Finding

function maker({ text }: AdvisedEvent): Made {
  return (code, phrase, message, advice) => ({ event: text.event, code, phrase, message, advice })
}

function ownPhrases({ prompts, contrast, ownContrasts, levels }: EventWords): readonly Phrase[] {
  return [...new Set([...prompts, ...contrast.slice(0, ownContrasts), ...(levels ?? [])])]
}

function wordingFindings(event: AdvisedEvent, words: EventWords): Finding[] {
  const made = maker(event)
  const negated = ownPhrases(words).flatMap(({ text }) => {
    const word = negationIn(text)
    if (word === null) return []
    return made(
      'negation',
      text,
      `the model does not understand "${word}": the phrase fits images of what it denies`,
      'describe what is seen instead ("an empty street", "a bare head"), and put what must not be there into negative_prompts',
    )
  })
  const described = [...words.prompts, ...(words.levels ?? [])]
  const bare = [...new Set(described)].flatMap(({ text }) =>
    isBareNoun(text)
      ? made(
          'bare-noun',
          text,
          'a single word fits any image with such a subject',
          `write what it does and where, such as "${article(text)} ${text} at the gate"`,
        )
      : [],
  )
  return [...negated, ...bare]
}

function article(word: string): string {
  return /^[aeiou]/i.test(word) ? 'an' : 'a'
}

function lengthFindings(event: AdvisedEvent, words: EventWords, { contextLength }: AdviceContext): Finding[] {
  const made = maker(event)
  return ownPhrases(words)
    .filter(({ tokens }) => tokens > contextLength)
    .map(({ text, tokens }) =>
      made(
        'too-long',
        text,
        `it has ${tokens} tokens, of which the model reads ${contextLength}`,
        'shorten it: one scene, one sentence',
      ),
    )
}

/** A phrase that an image of itself could not lift above its contrast. */
function contrastFindings(event: AdvisedEvent, words: EventWords, { comparesPhrases }: AdviceContext): Finding[] {
  const made = maker(event)
  const key = (text: string) => text.trim().toLowerCase()
  const prompts = new Set(words.prompts.map(({ text }) => key(text)))
  const repeated = event.negativePrompts.filter(text => prompts.has(key(text)))
  const own = repeated.map(text =>
    made('own-contrast', text, 'it is a prompt and a negative prompt of the same event', 'remove it from one of them'),
  )
  if (!comparesPhrases) return own
  const synonyms = words.prompts.flatMap(prompt => {
    const [nearest] = words.contrast
      .filter(({ text }) => !prompts.has(key(text)))
      .map(phrase => ({ phrase, cosine: dot(prompt.vector, phrase.vector) }))
      .sort((a, b) => b.cosine - a.cosine)
    if (nearest === undefined) return []
    const ownCosine = dot(prompt.vector, event.text.positive)
    if (nearest.cosine < SAME_COSINE && nearest.cosine <= ownCosine) return []
    const where = words.contrast.indexOf(nearest.phrase) < words.ownContrasts ? 'negative_prompts' : 'model.background'
    return made(
      'synonym-contrast',
      prompt.text,
      `"${nearest.phrase.text}" means nearly the same to the model (cosine ${nearest.cosine.toFixed(3)}), so this phrase would not start its own event`,
      `remove "${nearest.phrase.text}" from ${where}, or say what the difference looks like`,
    )
  })
  return [...own, ...synonyms]
}

/** Events of other rules may share phrases: a person who walks, and one who stays. */
function duplicateFindings(
  event: AdvisedEvent,
  words: EventWords,
  { others, comparesPhrases }: AdviceContext,
): Finding[] {
  const made = maker(event)
  // Each pair is named once.
  const rivals = others.filter(
    ({ text, rule }) => text.event > event.text.event && rule === event.rule && text.levels === null,
  )
  if (event.text.levels !== null) return []
  return rivals.flatMap(({ text }) => {
    const theirs = new Set(text.words?.prompts.map(({ text }) => text.trim().toLowerCase()))
    const shared = words.prompts.find(({ text }) => theirs.has(text.trim().toLowerCase()))
    const cosine = dot(event.text.positive, text.positive)
    if (shared === undefined && !(comparesPhrases && cosine >= SAME_COSINE)) return []
    const how = shared === undefined ? `cosine ${cosine.toFixed(3)}` : `both have "${shared.text}"`
    return made(
      'duplicate-event',
      shared?.text ?? null,
      `it means nearly the same as the event ${text.event} (${how}): one image starts both`,
      'merge them, give them different zones, or add the prompts of each to the negative_prompts of the other',
    )
  })
}

function placeFindings(event: AdvisedEvent, words: EventWords): Finding[] {
  if (words.levels !== null) return []
  const made = maker(event)
  const shown = new Set(words.contrast.flatMap(({ text }) => [...placesNamed(text)]))
  const missing = words.prompts.flatMap(({ text }) => [...placesIn(text)].map(place => ({ text, place })))
  // A place that any contrast shows is enough: then the other prompts need no place of their own.
  if (missing.length === 0 || missing.some(({ place }) => shown.has(place))) return []
  const [{ text, place }] = missing as [{ text: string; place: number }]
  const word = placeWord(text, place)
  return [
    made(
      'place-missing',
      text,
      `no contrast phrase shows "${word}": the place alone can start the event`,
      `add the place without the event to negative_prompts, such as "an empty ${word}" or what usually is there`,
    ),
  ]
}

function distinctionFindings(
  event: AdvisedEvent,
  words: EventWords,
  { fit = null, answers }: AdviceContext,
): Finding[] {
  const made = maker(event)
  const direction = fit?.direction ?? null
  if (direction === null) return []
  const values = (vectors: readonly Float32Array[]) => vectors.map(vector => dot(direction, vector))
  const advice = 'use words for what the camera can see: size, colour, place; or draw a zone around the place'
  if (answers !== undefined && answers.yes.length >= LEAST_ANSWERS && answers.no.length >= LEAST_ANSWERS) {
    const auc = areaUnderCurve(values(answers.yes), values(answers.no))
    if (auc >= LEAST_AUC) return []
    const message = `on this camera its phrases do not tell your right answers from the wrong ones (AUC ${auc.toFixed(2)})`
    return [made('indistinct', null, message, advice)]
  }
  const own = words.contrast.slice(0, words.ownContrasts)
  if (own.length === 0) return []
  const vectorOf = ({ vector }: Phrase) => vector
  const auc = areaUnderCurve(values(words.prompts.map(vectorOf)), values(own.map(vectorOf)))
  if (auc >= LEAST_AUC) return []
  const message = `on this camera the model does not tell its prompts from its negative prompts (AUC ${auc.toFixed(2)})`
  return [made('indistinct', null, message, advice)]
}

/** Probability that a value of the first list is above one of the second; equal values count half. */
function areaUnderCurve(above: readonly number[], below: readonly number[]): number {
  let wins = 0
  for (const a of above) for (const b of below) wins += a > b ? 1 : a === b ? 0.5 : 0
  return wins / (above.length * below.length)
}
