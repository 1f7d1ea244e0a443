/** Validates JSON of other programs: one clear line for the first mistake. */

import type { z } from 'zod'
import type { ErrorCode } from '../util/errorCodes.ts'
import { WatchwordError } from '../util/errors.ts'

export interface ForeignOptions {
  /** Path of the file, for the message. */
  readonly file: string
  /** Key of the value inside the file. Default: the value is the whole file. */
  readonly at?: string
  /** Error code; may depend on what was expected. */
  readonly code: ErrorCode | ((expected: string) => ErrorCode)
  readonly hint?: string
}

/**
 * The message of each part of the schema names the expected value: `z.number('a number')`.
 * @throws WatchwordError such as: Expected `imageSize` to be a whole number above 0 in /data/model.json, got "large"
 */
export function parseForeign<T extends z.ZodType>(schema: T, value: unknown, options: ForeignOptions): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path = [], message = 'valid' } = result.error.issues[0] ?? {}
  // A list is expected and shown as a whole.
  const end = path.findIndex(key => typeof key === 'number')
  const keys = (end < 0 ? path : path.slice(0, end)).map(String)
  throw unexpected(message, valueAt(value, keys), { ...options, at: [options.at ?? [], keys].flat().join('.') })
}

/** The error for an unexpected value at this place of a file. */
export function unexpected(expected: string, got: unknown, { file, at, code, hint }: ForeignOptions): WatchwordError {
  const errorCode = typeof code === 'string' ? code : code(expected)
  const subject = at === undefined || at === '' ? 'the file' : `\`${at}\``
  return new WatchwordError(`Expected ${subject} to be ${expected} in ${file}, got ${quote(got)}`, {
    code: errorCode,
    ...(hint !== undefined && { hint }),
  })
}

/** A value as it stands in a message: JSON of at most 80 characters. */
export function quote(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 80)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function valueAt(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce((found, key) => (isRecord(found) ? found[key] : undefined), value)
}
