/** Parsers of command-line values; commander reports what they throw as a usage error. */

import { InvalidArgumentError, Option } from 'commander'
import { DEFAULT_EVENTS, readLibrary } from '../config/promptLibrary.ts'
import { DEFAULT_CROPS, MOST_CROPS } from '../config/viewKeys.ts'
import { didYouMean } from '../util/didYouMean.ts'

export function positive(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError(`Expected a number above 0, got "${text}"`)
}

/** A whole number above 0. */
export function count(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError(`Expected a whole number above 0, got "${text}"`)
}

/** A fraction in [0, 1). */
export function fraction(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= 0 && value < 1) return value
  throw new InvalidArgumentError(`Expected a fraction such as 0.3, at least 0 and below 1, got "${text}"`)
}

/** A score at which an event starts, in [0, 1]. */
export function scoreThreshold(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= 0 && value <= 1) return value
  throw new InvalidArgumentError(`Expected a score from 0 to 1, such as 0.5, got "${text}"`)
}

/** An option that takes a list; `--help` shows its default as it would be typed. */
export function listOption<T>(
  flags: string,
  description: string,
  { read, defaults }: { readonly read: (text: string) => T[]; readonly defaults: readonly T[] },
): Option {
  return new Option(flags, description).argParser(read).default([...defaults], defaults.join(','))
}

/** `--events`, shared by all commands that detect events. */
export function eventsOption(purpose: string): Option {
  const description = `${purpose}: from the prompt library, or your own phrases such as \`a red car\`; separated by commas`
  return listOption('--events <names>', description, { read: eventNames, defaults: DEFAULT_EVENTS })
}

/** `--crops`, for commands that read videos. */
export function cropsOption(): Option {
  const read = (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isInteger(value) && value >= 0 && value <= MOST_CROPS) return value
    throw new InvalidArgumentError(`Expected a whole number from 0 to ${MOST_CROPS}, got "${text}"`)
  }
  const description = 'windows of a frame around what moves, encoded beside the whole image; 0: none'
  return new Option('--crops <n>', description).argParser(read).default(DEFAULT_CROPS)
}

/** Like `names`, without duplicates: names in the prompt library, or own phrases, which contain a space. */
export function eventNames(text: string): string[] {
  const found = [...new Set(names(text))]
  const known = Object.keys(readLibrary())
  for (const name of found) {
    if (known.includes(name) || /[a-z0-9] /i.test(name)) continue
    if (!/[a-z]/i.test(name))
      throw new InvalidArgumentError(`Expected English words, got "${name}": CLIP was trained on English only`)
    throw new InvalidArgumentError(`The prompt library has no "${name}"; ${didYouMean(name, known, 'events')}`)
  }
  return found
}

/** `a, b` → ['a', 'b'] */
export function names(text: string): string[] {
  const found = text
    .split(',')
    .map(name => name.trim())
    .filter(Boolean)
  if (found.length > 0) return found
  throw new InvalidArgumentError('Expected at least one name')
}

/** What the scores of a video are judged against. */
export function calibrateOption(): Option {
  const description =
    'judge scores against the video itself (own), the model alone (prior), a camera’s bank (camera:NAME), or another video of the camera (its path)'
  return new Option('--calibrate <what>', description).default('own')
}

export function zonesOption(): Option {
  return new Option(
    '--zones <file>',
    'YAML or JSON file with `zones`, `masks` and `event_zones`, as a camera of a config has them',
  )
}
