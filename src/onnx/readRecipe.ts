/** Recipes in YAML: every mistake at once, each with its line. */

import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { messageOf, systemCodeOf, WatchwordError } from '../util/errors.ts'
import { problemLines } from '../util/yaml/problemLines.ts'
import { readYaml } from '../util/yaml/readYaml.ts'
import { type Recipe, STORAGES } from './recipe.ts'

/** `<name>.json` is the variant's card: these are other files of a model's folder. */
const RESERVED = ['fp32', 'model', 'checksums', 'vocab', 'source', 'config', 'preprocessor_config', 'calibration']

const fraction = z.number().min(0).lt(1)
const storage = z.enum(STORAGES)

const rule = z
  .strictObject({
    match: z.string().min(1),
    store: storage.optional(),
    prune: fraction.optional(),
  })
  .refine(({ store, prune }) => store !== undefined || prune !== undefined, 'Expected `store` or `prune`')
  .transform(({ match, store = null, prune = null }) => ({ match, store, prune }))

const recipeSchema: z.ZodType<Recipe> = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][\w.+-]*$/, 'Expected `name` to be letters, digits, `.`, `_`, `+` and `-`')
      .refine(
        name => !RESERVED.includes(name.toLowerCase()),
        'Expected another `name`: a file of every model is called so',
      ),
    slim: z.strictObject({ heads: fraction.default(0), neurons: fraction.default(0) }).optional(),
    prune: fraction.default(0),
    store: storage.default('fp32'),
    layers: z.array(rule).default([]),
  })
  .transform(({ slim = null, ...recipe }) => ({ ...recipe, slim }))

/**
 * ```yaml
 * name: mixed
 * slim: {heads: 0.25, neurons: 0.5}
 * prune: 0.2
 * store: int8
 * layers:
 *   - {match: '*layers/11*', store: fp32}
 *   - {match: '*fc1', store: int4, prune: 0}
 * ```
 * @throws WatchwordError `recipe-unreadable`, or `recipe-invalid` with all mistakes
 */
export async function readRecipe(path: string): Promise<Recipe> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const why = systemCodeOf(cause) === 'ENOENT' ? 'no such file' : messageOf(cause)
    throw new WatchwordError(`Cannot read the recipe ${path}: ${why}`, { code: 'recipe-unreadable', cause })
  }
  return parseRecipe(text, path)
}

/** @param where the file's name, for messages. @throws WatchwordError `recipe-invalid` */
export function parseRecipe(text: string, where: string): Recipe {
  const read = readYaml(text, { schema: recipeSchema })
  if (read.data !== null) return read.data
  const mistakes = problemLines(where, read.problems)
  const hint = 'docs/models.md shows a whole recipe'
  throw new WatchwordError(mistakes.join('\n'), { code: 'recipe-invalid', hint, facts: { mistakes } })
}
