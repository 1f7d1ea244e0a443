/** Checks of command-line values. commander reports what they throw as a usage error. */

import { InvalidArgumentError } from 'commander'

export function positive(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError(`Expected a number above 0, got "${text}"`)
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
