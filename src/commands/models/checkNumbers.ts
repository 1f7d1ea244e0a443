/** Compares a model's own numbers with published ones. */

import { softmax } from '../../scoring/logits.ts'
import { cosine, dot } from '../../util/vector.ts'
import type { PublishedNumber } from './readReference.ts'

/** The model, as far as the comparison needs it. */
export interface CheckedModel {
  readonly logitScale: number
  readonly logitBias: number
  /** L2-normalised; null: the image is not here. */
  imageVector(image: string): Promise<Float32Array | null>
  /** L2-normalised, one per text. */
  textVectors(texts: readonly string[]): Promise<readonly Float32Array[]>
  /** Up to the end token, without padding. */
  tokenIds(text: string): Promise<readonly number[]>
}

export interface NumberCheck {
  /** 'logit of CLIP.png with "a dog"' */
  readonly what: string
  readonly expected: number
  /** null: skipped, because the image is not here. */
  readonly found: number | null
  /** Largest difference; null: `expected` is the least that passes. */
  readonly tolerance: number | null
  readonly state: 'pass' | 'fail' | 'skipped'
  readonly source: string
}

const SINGULAR = { logits: 'logit', probabilities: 'probability', cosines: 'cosine' } as const

/** One check per number. */
export async function checkNumbers(numbers: readonly PublishedNumber[], model: CheckedModel): Promise<NumberCheck[]> {
  const checks: NumberCheck[] = []
  for (const number of numbers) checks.push(...(await checkOne(number, model)))
  return checks
}

async function checkOne(number: PublishedNumber, model: CheckedModel): Promise<NumberCheck[]> {
  if (number.kind === 'tokens') return [await checkTokens(number, model)]
  if (number.kind === 'imageVector' || number.kind === 'textVector') return [await checkVector(number, model)]
  const { kind, image, texts, values, tolerance, source } = number
  const found = await numbersOf(number, model)
  return texts.map((text, i) => {
    const what = `${SINGULAR[kind]} of ${image} with "${text}"`
    const expected = values[i] as number
    const value = found?.[i] ?? null
    // A NaN is not within any tolerance.
    const passes = value !== null && Math.abs(value - expected) <= tolerance
    return { what, expected, found: value, tolerance, state: stateOf(value, passes), source }
  })
}

type WithTexts = Extract<PublishedNumber, { kind: keyof typeof SINGULAR }>

async function numbersOf({ kind, image, texts }: WithTexts, model: CheckedModel): Promise<number[] | null> {
  const vector = await model.imageVector(image)
  if (vector === null) return null
  const cosines = (await model.textVectors(texts)).map(text => dot(vector, text))
  if (kind === 'cosines') return cosines
  const logits = cosines.map(value => model.logitScale * value + model.logitBias)
  return kind === 'logits' ? logits : softmax(logits)
}

type OfVector = Extract<PublishedNumber, { kind: 'imageVector' | 'textVector' }>

async function checkVector(number: OfVector, model: CheckedModel): Promise<NumberCheck> {
  const isImage = number.kind === 'imageVector'
  const own = isImage ? await model.imageVector(number.image) : ((await model.textVectors([number.text]))[0] ?? null)
  // A model of another width has another vector.
  const found = own === null ? null : own.length === number.vector.length ? cosine(own, number.vector) : 0
  const passes = found !== null && found >= number.leastCosine
  return {
    what: `vector of ${isImage ? number.image : `"${number.text}"`}: least cosine`,
    expected: number.leastCosine,
    found,
    tolerance: null,
    state: stateOf(found, passes),
    source: number.source,
  }
}

type OfTokens = Extract<PublishedNumber, { kind: 'tokens' }>

async function checkTokens({ text, ids, source }: OfTokens, model: CheckedModel): Promise<NumberCheck> {
  const own = await model.tokenIds(text)
  const length = Math.max(ids.length, own.length)
  const wrong = Array.from({ length }, (_, i) => ids[i] !== own[i]).filter(Boolean).length
  const state = stateOf(wrong, wrong === 0)
  return { what: `wrong tokens of "${text}"`, expected: 0, found: wrong, tolerance: 0, state, source }
}

function stateOf(found: number | null, passes: boolean): NumberCheck['state'] {
  if (found === null) return 'skipped'
  return passes ? 'pass' : 'fail'
}
