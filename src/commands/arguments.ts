/** Checks of command-line values. commander reports what they throw as a usage error. */

import { InvalidArgumentError } from 'commander'
import { readLibrary } from '../config/library.ts'
import { nearest } from '../util/nearest.ts'

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

/** As `names`, each once: a name in the prompt library, or a phrase of own words, which has a space in it. */
export function eventNames(text: string): string[] {
  const found = [...new Set(names(text))]
  const known = Object.keys(readLibrary())
  for (const name of found) {
    if (known.includes(name) || /[a-z0-9] /i.test(name)) continue
    const near = nearest(name, known)
    const advice = near ? `did you mean "${near}"?` : `it has: ${known.join(', ')}`
    throw new InvalidArgumentError(`The prompt library has no "${name}"; ${advice}`)
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
