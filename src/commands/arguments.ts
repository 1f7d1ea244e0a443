/** Command-line values and their checks. commander reports what these throw as a usage error. */

import { InvalidArgumentError, Option } from 'commander'
import { DEFAULT_EVENTS, readLibrary } from '../config/library.ts'
import { didYouMean } from '../util/didYouMean.ts'

export function positive(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError(`Expected a number above 0, got "${text}"`)
}

/** Every third frame, the first hundred frames: whole numbers. */
export function count(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError(`Expected a whole number above 0, got "${text}"`)
}

/** A part of a whole that may be nothing, but not all. */
export function fraction(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= 0 && value < 1) return value
  throw new InvalidArgumentError(`Expected a share such as 0.3, at least 0 and below 1, got "${text}"`)
}

/** A list whose default `--help` shows as it would be typed. */
export function listOption<T>(
  flags: string,
  description: string,
  { read, defaults }: { readonly read: (text: string) => T[]; readonly defaults: readonly T[] },
): Option {
  return new Option(flags, description).argParser(read).default([...defaults], defaults.join(','))
}

/** `--events`: as many commands take it as look for events. */
export function eventsOption(purpose: string): Option {
  const description = `${purpose}: from the prompt library, or own words such as \`a red car\`; separated by commas`
  return listOption('--events <names>', description, { read: eventNames, defaults: DEFAULT_EVENTS })
}

/** As `names`, each once: a name in the prompt library, or a phrase of own words, which has a space in it. */
export function eventNames(text: string): string[] {
  const found = [...new Set(names(text))]
  const known = Object.keys(readLibrary())
  for (const name of found) {
    if (known.includes(name) || /[a-z0-9] /i.test(name)) continue
    if (!/[a-z]/i.test(name))
      throw new InvalidArgumentError(`Expected English words, got "${name}": CLIP knows no others`)
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
