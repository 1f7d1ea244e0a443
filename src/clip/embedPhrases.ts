/** The phrases of events → the vectors that frames are compared with. Vectors are cached on disk. */

import { join } from 'node:path'
import { type ModelCard, readModelCard } from '../models/modelCard.ts'
import { findTokenizerFiles } from '../models/tokenizerFiles.ts'
import { readVariantCard } from '../models/variantCard.ts'
import type { EventText, Phrase, ScoringTexts } from '../scoringTypes.ts'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import { WatchwordError } from '../util/errors.ts'
import { hashFiles } from '../util/readFile.ts'
import { normalize } from '../util/vector.ts'
import { DEFAULT_BACKGROUND, DEFAULT_TEMPLATES } from './defaultPhrases.ts'
import { type EncodedText, encodeTexts } from './encodeTexts.ts'
import { openTextCache } from './textCache.ts'
import { tokenizerOptions } from './tokenizers/loadTokenizer.ts'

/** The phrases of one event. */
export interface EventPhrases {
  readonly event: string
  /** Describe the event. May be empty when there are levels: then the last level describes it. */
  readonly prompts: readonly string[]
  /** Contrast phrases: scenes that could be mistaken for the event. */
  readonly negativePrompts: readonly string[]
  /** From none (first) to most (last), at least two; null for rules without levels. */
  readonly levels: readonly string[] | null
}

export interface TextOptions {
  readonly modelDir: string
  /** The variant whose calibration is used. */
  readonly variant: string
  readonly events: readonly EventPhrases[]
  /** Each contains `{}`. Default: DEFAULT_TEMPLATES. */
  readonly templates?: readonly string[]
  /** Contrast phrases of every event. Default: DEFAULT_BACKGROUND. */
  readonly background?: readonly string[]
  /** Directory of cached vectors. */
  readonly cacheDir: string
  /** Called with a sentence before phrases are encoded that are not in the cache. */
  readonly onStep?: (step: string) => void
}

/**
 * A phrase is put into every template; its vector is the mean of the normalised embeddings. An event's `positive` is the
 * mean over its prompts; its contrast has one vector per phrase. An event's own prompts are removed from its contrast.
 * @throws WatchwordError `prompt-empty`, `prompts-missing`, `contrast-missing`, and those of an incomplete model directory
 */
export async function embedPhrases(options: TextOptions, telemetry: Telemetry): Promise<ScoringTexts> {
  const { modelDir, variant, events } = options
  const background = options.background ?? DEFAULT_BACKGROUND
  events.forEach(checkPhrases)
  const card = await readModelCard(modelDir)
  const { calibration } = await readVariantCard(modelDir, variant)
  const phrases = [...new Set([...background, ...events.flatMap(allPhrases)].map(tidy))]
  const texts = await meanTexts(phrases, card, options, telemetry)
  // Events share one array per phrase, so that scoring computes each phrase only once.
  const known = new Map(
    phrases.map(text => {
      const { vector, tokens } = texts.get(text) as EncodedText
      return [text, { text, vector: normalize(vector), tokens }]
    }),
  )
  const phraseOf = (text: string) => known.get(tidy(text)) as Phrase
  return {
    variant,
    logitScale: card.logitScale,
    calibration,
    events: events.map((event): EventText => {
      const own = event.prompts.length > 0 ? event.prompts : (event.levels ?? []).slice(-1)
      const ownPhrases = new Set(own.map(tidy))
      const others = (list: readonly string[]) => list.map(tidy).filter(phrase => !ownPhrases.has(phrase))
      const negatives = new Set(others(event.negativePrompts))
      const contrast = [...new Set([...negatives, ...others(background)])].map(phraseOf)
      if (contrast.length === 0 && event.levels === null) throw contrastMissing(event.event)
      const levels = event.levels?.map(phraseOf) ?? null
      return {
        event: event.event,
        positive: normalize(mean([...ownPhrases].map(phrase => (texts.get(phrase) as EncodedText).vector))),
        contrast: contrast.map(vectorOf),
        levels: levels?.map(vectorOf) ?? null,
        words: { prompts: [...ownPhrases].map(phraseOf), contrast, ownContrasts: negatives.size, levels },
      }
    }),
  }
}

function vectorOf({ vector }: Phrase): Float32Array {
  return vector
}

/** Phrase → mean of its templates' normalised embeddings, with its tokens; not normalised itself, so that means of means are right. */
async function meanTexts(
  phrases: readonly string[],
  card: ModelCard,
  options: TextOptions,
  telemetry: Telemetry,
): Promise<Map<string, EncodedText>> {
  const { modelDir, cacheDir } = options
  const templates = options.templates ?? DEFAULT_TEMPLATES
  const tokenizer = tokenizerOptions(card)
  const cache = openTextCache(cacheDir, [
    card.sourceSha256,
    card.textSha256 ?? null,
    hashTokenizer(modelDir),
    tokenizer,
    templates,
  ])
  const texts = new Map<string, EncodedText>()
  for (const phrase of phrases) {
    const known = await cache.read(phrase, card.embedDim)
    if (known !== null) texts.set(phrase, known)
  }
  const missing = phrases.filter(phrase => !texts.has(phrase))
  if (missing.length > 0) {
    options.onStep?.(`Encoding ${missing.length} phrases (once)`)
    // A replacer function, because a phrase may contain $& and similar patterns.
    const filled = missing.flatMap(phrase => templates.map(template => template.replace('{}', () => phrase)))
    const encoded = await encodeTexts({ modelDir, tokenizer, texts: filled })
    for (const [place, phrase] of missing.entries()) {
      const text = meanText(encoded.slice(place * templates.length, (place + 1) * templates.length))
      texts.set(phrase, text)
      await cache.write(phrase, text)
    }
  }
  for (const prompt of phrases) {
    const { tokens } = texts.get(prompt) as EncodedText
    const context = tokenizer.contextLength
    if (tokens > context) telemetry.emit({ type: 'PromptTruncated', prompt, tokens, context })
  }
  return texts
}

function hashTokenizer(modelDir: string): string {
  return hashFiles(findTokenizerFiles(modelDir).map(file => join(modelDir, file))).sha256
}

/** A phrase has as many tokens as its longest text. */
function meanText(encoded: readonly EncodedText[]): EncodedText {
  return {
    vector: mean(encoded.map(({ vector }) => vector)),
    tokens: Math.max(...encoded.map(({ tokens }) => tokens)),
  }
}

function checkPhrases(event: EventPhrases): void {
  const { event: name, prompts, levels } = event
  if (prompts.length === 0 && (levels === null || levels.length < 2))
    throw new WatchwordError(`Expected event \`${name}\` to have prompts, or at least two levels`, {
      code: 'prompts-missing',
      hint: `Describe what it looks like: events.${name}.prompts: [a person at the gate]`,
    })
  if (allPhrases(event).some(phrase => tidy(phrase) === ''))
    throw new WatchwordError(`Expected the phrases of event \`${name}\` not to be empty, got an empty one`, {
      code: 'prompt-empty',
      hint: 'Remove it or write a phrase',
    })
}

function contrastMissing(event: string): WatchwordError {
  return new WatchwordError(`Expected event \`${event}\` to have contrast phrases, got none`, {
    code: 'contrast-missing',
    hint: `Add events.${event}.negative_prompts, or phrases to model.background`,
  })
}

function allPhrases({ prompts, negativePrompts, levels }: EventPhrases): string[] {
  return [...prompts, ...negativePrompts, ...(levels ?? [])]
}

function tidy(phrase: string): string {
  return phrase.trim()
}

function mean(vectors: readonly Float32Array[]): Float32Array {
  const [first, ...others] = vectors as [Float32Array, ...Float32Array[]]
  return first.map((value, i) => others.reduce((sum, vector) => sum + (vector[i] as number), value) / vectors.length)
}
