/** Runs the product's scoring on one event and photos: what it finds with and without the camera's own images. */

import { fitQuiet } from '../../src/scoring/fitQuiet.ts'
import type { Calibration, EventText, QuietFit } from '../../src/scoringTypes.ts'
import { createRandom } from '../../src/util/random.ts'
import { dot, normalize } from '../../src/util/vector.ts'
import type { PhotoCase, RealFolder } from './openFolder.ts'
import { areaUnderRoc, foundAt, fractionOf } from './roc.ts'
import { scoreOf } from './scoreOf.ts'

/** The default threshold of an event. */
const THRESHOLD = 0.5
const ADDED_PHRASES = 10
const PHOTO_PREFIX = 'a photo of '
export const FALSE_PERCENTS = ['1', '2', '5', '10'] as const
export const SPOILED_PERCENTS = ['5', '20', '40'] as const

/** Fractions of the images with and without the event whose score reaches the threshold. */
export interface Decisions {
  readonly found: number
  readonly false: number
}

export interface CaseResult {
  readonly name: string
  readonly contrasts: number
  /** Of the score with the bank, as are the fractions found at fixed false ones. */
  readonly auc: number
  readonly oracle: Readonly<Record<(typeof FALSE_PERCENTS)[number], number>>
  readonly prior: Decisions
  readonly bank: Decisions
  /** Fraction of decisions changed by ADDED_PHRASES more background phrases; null where the folder has no others. */
  readonly background: number | null
  readonly spoiled: Readonly<Record<(typeof SPOILED_PERCENTS)[number], Decisions>>
  /** With a clean bank, on the images that `spoiled` is tested on. */
  readonly unspoiled: Decisions
}

export interface CaseOptions {
  readonly folder: RealFolder
  readonly calibration: Calibration
  /** How many of the case's background phrases are used. */
  readonly contrasts: number
}

export function measureCase(photoCase: PhotoCase, { folder, calibration, contrasts }: CaseOptions): CaseResult {
  const { name } = photoCase
  const { logitScale } = folder
  const event = eventOf(photoCase, photoCase.background.slice(0, contrasts), folder)
  const positive = folder.pictures(photoCase.pictures, photoCase.positive, name)
  const negative = folder.pictures(photoCase.negative_pictures, photoCase.negative, name)
  const quiet = folder.pictures(photoCase.quiet_pictures, photoCase.quiet, name)
  const scoresOf = (images: readonly Float32Array[], fit: QuietFit | null, of = event) =>
    images.map(embedding => scoreOf(of, embedding, fit, { calibration, logitScale }))
  const fit = fitQuiet(quiet, event, logitScale)
  const [withEvent, without] = [scoresOf(positive, fit), scoresOf(negative, fit)]
  const decide = (tested: readonly Float32Array[], bank: QuietFit | null): Decisions => ({
    found: fractionOf(scoresOf(tested, bank), reaches),
    false: fractionOf(scoresOf(negative, bank), reaches),
  })

  const added = otherPhrases(photoCase, event, folder)
  const wider = eventOf(photoCase, [...photoCase.background.slice(0, contrasts), ...added], folder)
  const widerFit = fitQuiet(quiet, wider, logitScale)
  const rescored = scoresOf([...positive, ...negative], widerFit, wider)
  const before = [...withEvent, ...without]

  const [learned, tested] = halves(positive)
  const spoil = (percent: string) =>
    decide(tested, fitQuiet(mixed(quiet, learned, Number(percent) / 100), event, logitScale))
  return {
    name,
    contrasts: event.contrast.length,
    auc: areaUnderRoc(withEvent, without),
    oracle: recordOf(FALSE_PERCENTS, percent => foundAt(withEvent, without, Number(percent) / 100)),
    prior: decide(positive, null),
    bank: decide(positive, fit),
    background:
      added.length === 0 ? null : fractionOf(rescored, (score, i) => reaches(score) !== reaches(before[i] ?? 0)),
    spoiled: recordOf(SPOILED_PERCENTS, spoil),
    unspoiled: decide(tested, fit),
  }
}

/** As `embedPhrases` makes it: the mean of the prompts' vectors, L2-normalised, and one vector per contrast phrase. */
export function eventOf(
  { name, prompts }: Pick<PhotoCase, 'name' | 'prompts'>,
  contrast: readonly string[],
  folder: RealFolder,
): EventText {
  const vectors = prompts.map(phrase => folder.text(phrase, name))
  const sum = (vectors[0] as Float32Array).map((_, i) => vectors.reduce((total, vector) => total + (vector[i] ?? 0), 0))
  const others = contrast.filter(phrase => !prompts.includes(phrase))
  return {
    event: name,
    positive: normalize(sum),
    contrast: others.map(phrase => folder.text(phrase, name)),
    levels: null,
  }
}

/**
 * Phrases for a larger background, evenly spaced over those of the folder that are in the background's form ("a photo
 * of a tree" or not), share no word with a prompt, and are not more similar to the event than its own background is.
 */
function otherPhrases({ name, prompts, background }: PhotoCase, event: EventText, folder: RealFolder): string[] {
  const isPhoto = (phrase: string) => phrase.startsWith(PHOTO_PREFIX)
  const form = fractionOf(background, isPhoto) > 0.5
  const words = new Set(prompts.flatMap(wordsOf))
  const similarity = (phrase: string) => dot(folder.text(phrase, name), event.positive)
  const most = Math.max(...background.map(similarity))
  const known = new Set(background)
  const candidates = folder.phrases.filter(
    phrase =>
      !known.has(phrase) &&
      isPhoto(phrase) === form &&
      !wordsOf(phrase).some(word => words.has(word)) &&
      similarity(phrase) <= most,
  )
  return evenlySpaced(candidates, ADDED_PHRASES)
}

/** Up to `count` of the values, from the middle of each of `count` equal parts. */
export function evenlySpaced<T>(values: readonly T[], count: number): T[] {
  if (values.length <= count) return [...values]
  return Array.from({ length: count }, (_, i) => values[Math.floor(((i + 0.5) * values.length) / count)] as T)
}

/** Words that carry meaning: not "a", "of" and the template's "photo". */
function wordsOf(phrase: string): string[] {
  return phrase
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(word => word.length > 2 && word !== 'photo')
}

/** By a fixed seed, so that neither half holds one source's images only; each half in its first order. */
function halves<T>(values: readonly T[]): [T[], T[]] {
  const random = createRandom('spoiled bank')
  const order = values.map((_, i) => ({ i, at: random.next() })).sort((a, b) => a.at - b.at)
  const first = new Set(order.slice(0, Math.floor(values.length / 2)).map(({ i }) => i))
  return [values.filter((_, i) => first.has(i)), values.filter((_, i) => !first.has(i))]
}

/** All of `quiet` with as many of `event` among them, evenly spread, as make the fraction; they repeat if there are too few. */
function mixed<T>(quiet: readonly T[], event: readonly T[], fraction: number): T[] {
  if (event.length === 0) return [...quiet]
  const count = Math.round((quiet.length * fraction) / (1 - fraction))
  const spoilt = Array.from({ length: count }, (_, i) => event[i % event.length] as T)
  const placed = [quiet, spoilt].flatMap(list => list.map((value, i) => ({ value, at: (i + 0.5) / list.length })))
  return placed.sort((a, b) => a.at - b.at).map(({ value }) => value)
}

function reaches(score: number): boolean {
  return score >= THRESHOLD
}

function recordOf<K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map(key => [key, value(key)])) as Record<K, V>
}
