/** `watchword models check`: does a model give the numbers that were published, and do its words recognise words? */

import { join } from 'node:path'
import { embedPhrases } from '../../clip/embedPhrases.ts'
import { startEncoder } from '../../clip/startEncoder.ts'
import { loadTokenizer, tokenizerOptions } from '../../clip/tokenizers/loadTokenizer.ts'
import type { Tokenizer } from '../../clip/tokenizers/tokenizer.ts'
import type { ModelPlaces } from '../../models/locateModel.ts'
import type { ModelCard } from '../../models/modelCard.ts'
import { resolveModel } from '../../models/resolveModel.ts'
import { readFrames } from '../../sources/readFrames.ts'
import { isThere } from '../../util/readFile.ts'
import { clipModelBuilder } from '../clipModelBuilder.ts'
import { type CheckedModel, checkNumbers, type NumberCheck } from './checkNumbers.ts'
import { checkWords, type WordsCheck } from './checkWords.ts'
import { REFERENCE_IMAGES, type Reference, readReference } from './readReference.ts'

export interface CheckOptions {
  readonly places: ModelPlaces
  /** Folder with images that may not be shipped with us. */
  readonly images?: string
  /** Called with a sentence before each step that takes long. */
  readonly onStep?: (step: string) => void
}

export interface CheckReport {
  readonly name: string
  readonly dir: string
  /** null: no numbers of this model were published. */
  readonly numbers: readonly NumberCheck[] | null
  readonly words: readonly WordsCheck[]
  readonly passed: boolean
}

/** Exports the model first when that is necessary. The exact variant is checked. @throws what `resolveModel` throws */
export async function checkModel(nameOrDir: string, { places, images, onStep }: CheckOptions): Promise<CheckReport> {
  const builder = { variant: 'fp32', modelBuilder: clipModelBuilder, ...(onStep && { onStep }) }
  const { name, dir, card } = await resolveModel(nameOrDir, { ...places, ...builder })
  const reference = await readReference([name, card.name])
  const cacheDir = join(places.dataDir, 'texts')
  const hasNumbers = reference !== null && reference.numbers.length > 0
  if (hasNumbers) onStep?.(`Comparing ${name} with published numbers`)
  const numbers = hasNumbers ? await compare(reference, { dir, card, cacheDir, images: images ?? null }) : null
  onStep?.(`Checking the prompt library under ${name}`)
  const words = withoutKnown(await checkWords(dir, cacheDir), reference?.knownMisses ?? [])
  const wrong = words.filter(({ missed, falseStarts }) => missed.length + falseStarts.length > 0)
  const passed = wrong.length === 0 && !(numbers ?? []).some(({ state }) => state === 'fail')
  return { name, dir, numbers, words, passed }
}

function withoutKnown(words: readonly WordsCheck[], known: readonly string[]): WordsCheck[] {
  return words.map(check => ({ ...check, missed: check.missed.filter(phrase => !known.includes(phrase)) }))
}

interface Compared {
  readonly dir: string
  readonly card: ModelCard
  readonly cacheDir: string
  readonly images: string | null
}

async function compare(reference: Reference, { dir, card, cacheDir, images }: Compared): Promise<NumberCheck[]> {
  const { imageSize: size, fit, logitScale, logitBias } = card
  const encoder = await startEncoder(
    { modelDir: dir, variant: 'fp32', provider: 'cpu', maxBatch: 1 },
    { emit: () => {} },
  )
  let loaded: Promise<Tokenizer> | null = null
  const tokenizer = () => (loaded ??= loadTokenizer(dir, tokenizerOptions(card)))
  const model: CheckedModel = {
    logitScale,
    logitBias,
    async imageVector(image) {
      const path = pathOf(image, reference, images)
      if (path === null) return null
      for await (const pixels of readFrames(path, { size, fit })) {
        const { embeddings } = await encoder.encode([pixels])
        return embeddings[0] ?? null
      }
      return null
    },
    async textVectors(texts) {
      const events = texts.map(text => ({ event: text, prompts: [text], negativePrompts: ['x'], levels: null }))
      const options = { modelDir: dir, variant: 'fp32', events, templates: ['{}'], background: [], cacheDir }
      return (await embedPhrases(options, { emit: () => {} })).events.map(({ positive }) => positive)
    },
    async tokenIds(text) {
      const { ids, count } = (await tokenizer()).encode(text)
      return Array.from(ids.subarray(0, Math.min(count, ids.length)), Number)
    },
  }
  return checkNumbers(reference.numbers, model).finally(() => encoder.close())
}

/** An image that may not be shipped is looked for in the user's folder, as JPEG or PNG. */
function pathOf(image: string, { images: known }: Reference, folder: string | null): string | null {
  const file = known[image]?.file ?? null
  if (file !== null) return join(REFERENCE_IMAGES, file)
  if (folder === null) return null
  return [image, image.replace(/\.\w+$/, '.png')].map(name => join(folder, name)).find(isThere) ?? null
}
