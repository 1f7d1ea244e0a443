/** A mistake in a labels file, with its place. */

import { WatchwordError } from '../../util/errors.ts'

/** @param place `line 12`, `spans[3]`; null: the whole file */
export function labelError(file: string, place: string | null, problem: string, hint?: string): WatchwordError {
  return new WatchwordError(`${place === null ? file : `${file}, ${place}`}: ${problem}`, {
    code: 'labels-invalid',
    ...(hint !== undefined && { hint }),
  })
}

/** A value as it stands in a message, of at most 80 characters. */
export function quoted(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return JSON.stringify(value).slice(0, 80)
}
