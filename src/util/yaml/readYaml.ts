/** YAML text to a checked value, or every mistake at once, each with its line. */

import { z } from 'zod'
import { didYouMean } from '../didYouMean.ts'
import { issueSentence } from './issueSentence.ts'
import { parseYaml, type YamlProblem } from './parseYaml.ts'
import { type SchemaNode, schemaNodeAt } from './schemaNode.ts'

export type { YamlProblem } from './parseYaml.ts'

export interface Prepared {
  readonly value: unknown
  readonly problems: readonly YamlProblem[]
  /** `originKey` of a path → the reference that its value came from, such as `${FPS}`. */
  readonly origins: ReadonlyMap<string, string>
}

export interface ReadYamlOptions<T> {
  readonly schema: z.ZodType<T>
  /** Changes the value before it is checked. Default: nothing. */
  readonly prepare?: (value: unknown, schema: SchemaNode) => Prepared
}

export type ReadYaml<T> = { readonly data: T } | { readonly data: null; readonly problems: readonly YamlProblem[] }

export function readYaml<T>(text: string, { schema, prepare = unchanged }: ReadYamlOptions<T>): ReadYaml<T> {
  const parsed = parseYaml(text)
  if (parsed.problems.length > 0) return { data: null, problems: parsed.problems }
  const root = jsonSchemaOf(schema)
  const { value, problems, origins } = prepare(parsed.value, root)
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success && problems.length === 0) return { data: result.data }
  // The text that a reference without a value leaves is not reported as a second mistake.
  const known = new Set(problems.map(({ path }) => originKey(path)))
  const issues = result.success ? [] : result.error.issues.filter(({ path }) => !known.has(originKey(path)))
  const found = [...problems, ...issues.flatMap(issue => problemsOf(issue, root, origins))]
  return { data: null, problems: found.map(problem => ({ ...problem, ...parsed.place(problem.path) })) }
}

/** The key of a path in `Prepared.origins`. */
export function originKey(path: readonly PropertyKey[]): string {
  return path.map(String).join('\0')
}

const jsonSchemas = new WeakMap<z.ZodType, SchemaNode>()

/** Made once per schema: it takes longer than reading a small file. */
function jsonSchemaOf(schema: z.ZodType): SchemaNode {
  const made =
    jsonSchemas.get(schema) ?? (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as SchemaNode)
  jsonSchemas.set(schema, made)
  return made
}

function unchanged(value: unknown): Prepared {
  return { value, problems: [], origins: new Map() }
}

/** Each unknown key is a problem of its own, with the nearest known key. */
function problemsOf(issue: z.core.$ZodIssue, root: SchemaNode, origins: Prepared['origins']): YamlProblem[] {
  const { path } = issue
  if (issue.code !== 'unrecognized_keys')
    return [{ path, message: issueSentence(issue, origins.get(originKey(path)) ?? null) }]
  const { properties = {}, patternProperties = {} } = schemaNodeAt(root, path) ?? {}
  const prefixes = Object.keys(patternProperties).map(pattern => `${pattern.replace('^', '')}…`)
  const known = [...Object.keys(properties).filter(key => !key.startsWith('$')), ...prefixes]
  return issue.keys.map(key => ({
    path: [...path, key],
    message: `Unknown key \`${key}\`; ${didYouMean(key, known, 'keys')}`,
  }))
}
