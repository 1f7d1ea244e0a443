/** Reads a card (a JSON file that describes a model or one of its variants) and validates it. */

import type { z } from 'zod'
import { WatchwordError } from '../util/errors.ts'
import { readJson } from '../util/readFile.ts'
import { parseForeign } from './parseForeign.ts'

/**
 * @param hint what to do when there is no such card
 * @throws WatchwordError `model-missing`, `model-card-invalid`
 */
export async function readCard<T extends z.ZodType>(path: string, schema: T, hint: string): Promise<z.output<T>> {
  const value = await readJson(path).catch(cause => {
    if (!(cause instanceof WatchwordError)) throw cause
    const code = cause.code === 'json-invalid' ? 'model-card-invalid' : 'model-missing'
    throw new WatchwordError(cause.message, { code, hint, cause })
  })
  return parseForeign(schema, value, { file: path, code: 'model-card-invalid' })
}
