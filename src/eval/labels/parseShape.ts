/** Validates JSON of a labels file: one clear line for the first mistake. */

import type { z } from 'zod'
import { labelError, quoted } from './labelError.ts'

/**
 * The message of each part of the schema names the expected value: `z.number('a number')`.
 * @throws WatchwordError `labels-invalid` such as: labels.json, spans[3].from: Expected a number, got "x"
 */
export function parseShape<T extends z.ZodType>(
  schema: T,
  value: unknown,
  { file, at = '' }: { readonly file: string /** Place of the value in the file. */; readonly at?: string },
): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path = [], message = 'something else' } = result.error.issues[0] ?? {}
  const place = path.reduce<string>((text, key) => `${text}${keyText(key, text === '')}`, at)
  throw labelError(file, place === '' ? null : place, `Expected ${message}, got ${quoted(valueAt(value, path))}`)
}

function keyText(key: PropertyKey, isFirst: boolean): string {
  if (typeof key === 'number') return `[${key}]`
  return isFirst ? String(key) : `.${String(key)}`
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, key)
        ? (found as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  )
}
