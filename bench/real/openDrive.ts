/** Opens a drive whose frames are known by their cosines with phrases, and chooses the phrases of its events. */

import { basename } from 'node:path'
import { z } from 'zod'
import type { EventText } from '../../src/scoringTypes.ts'
import { InputError } from '../../test/support/inputError.ts'
import { readNpy } from '../../test/support/readNpy.ts'
import { evenlySpaced } from './measureCase.ts'
import { readJson } from './openFolder.ts'
import { fractionOf } from './roc.ts'

const frame = z.number().int().min(0).nullish()

const driveSchema = z.object({
  fps: z.number().positive(),
  prompts: z.array(z.string().min(1)).min(2),
  type: z.string().nullish(),
  description: z.string().nullish(),
  target_hazard: z.string().nullish(),
  appears_frame: frame,
  hazard_start_frame: frame,
  hazard_end_frame: frame,
})

export interface Drive {
  readonly name: string
  /** `animal`, `construction`, …, as the recording says; empty when it does not. */
  readonly type: string
  readonly fps: number
  /** Per frame its cosines with the phrases, in place of an embedding: phrase i is then the unit vector e_i. */
  readonly frames: readonly Float32Array[]
  /** One where the recording says what the hazard is; else several, none of which happens. */
  readonly events: readonly EventText[]
  /** Frames; null for an uneventful drive. */
  readonly hazard: { readonly quietUntil: number; readonly start: number; readonly end: number } | null
}

/** For an uneventful drive: this many phrases of at least so many words are its events. */
const EVENTS = 6
const EVENT_WORDS = 3
/** A word in more of the phrases than this says nothing about one of them: "road" on a road. */
const COMMON_WORD = 0.2
const SHORTEST_WORD = 4

/** @param file .npy [phrases, frames] with a .json of the same name beside it. @throws InputError with one line */
export function openDrive(file: string): Drive {
  const about = readJson(file.replace(/\.npy$/, '.json'), driveSchema)
  const { fps, prompts } = about
  const cosines = readNpy(file)
  if (cosines.length !== prompts.length)
    throw new InputError(`Expected ${file} to have a row for each of ${prompts.length} prompts, got ${cosines.length}`)
  const [name, type] = [basename(file, '.npy'), about.type ?? '']
  const frames = Array.from({ length: cosines[0]?.length ?? 0 }, (_, i) =>
    Float32Array.from(cosines, row => row[i] ?? Number.NaN),
  )
  const start = about.hazard_start_frame ?? null
  if (start === null) return { name, type, fps, frames, events: uneventful(prompts), hazard: null }
  const appears = about.appears_frame ?? 0
  const hazard = {
    quietUntil: appears > 0 ? Math.min(appears, start) : start,
    start,
    end: about.hazard_end_frame ?? frames.length,
  }
  return { name, type, fps, frames, events: [hazardEvent(about)], hazard }
}

/** The recording's own words for the hazard against the phrases that share no word with its type, name or description. */
function hazardEvent({ prompts, type, description, target_hazard: target }: z.output<typeof driveSchema>): EventText {
  const own = prompts.filter(phrase => phrase === description || phrase === target)
  if (own.length === 0) throw new InputError(`Expected \`prompts\` to contain the hazard "${target ?? description}"`)
  return eventOf(target ?? own[0] ?? '', own, [type ?? '', ...own], prompts)
}

function uneventful(prompts: readonly string[]): EventText[] {
  const long = prompts.filter(phrase => phrase.split(' ').length >= EVENT_WORDS)
  return evenlySpaced(long, EVENTS).map(phrase => eventOf(phrase, [phrase], [phrase], prompts))
}

function eventOf(
  event: string,
  own: readonly string[],
  names: readonly string[],
  prompts: readonly string[],
): EventText {
  const isCommon = (word: string) => fractionOf(prompts, phrase => wordsOf(phrase).includes(word)) > COMMON_WORD
  const words = names.flatMap(wordsOf).filter(word => !isCommon(word))
  const contrast = prompts.filter(
    phrase => !own.includes(phrase) && !wordsOf(phrase).some(word => words.includes(word)),
  )
  const unit = (phrase: string) => {
    const vector = new Float32Array(prompts.length)
    vector[prompts.indexOf(phrase)] = 1
    return vector
  }
  // Not normalised, because the phrases are not orthogonal as the unit vectors are: its logit is the mean of theirs.
  const positive = new Float32Array(prompts.length)
  for (const phrase of own) positive[prompts.indexOf(phrase)] = 1 / own.length
  return { event, positive, contrast: contrast.map(unit), levels: null }
}

/** Without the plural's s. */
function wordsOf(phrase: string): string[] {
  const words = phrase.toLowerCase().split(/[^a-z]+/)
  return words.filter(word => word.length >= SHORTEST_WORD).map(word => word.replace(/s$/, ''))
}
