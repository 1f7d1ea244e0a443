/** Prepares the values of a config for the schema: replaces references, converts their types, resolves paths. */

import { resolvePath } from '../util/resolvePath.ts'
import { originKey, type Prepared, type YamlProblem } from '../util/yaml/readYaml.ts'
import { type SchemaNode, schemaNodeAt, typesOf } from '../util/yaml/schemaNode.ts'
import { isAddress } from './cameraUrlProblem.ts'
import { type InterpolateOptions, interpolate } from './interpolate.ts'
import { isRecord } from './isRecord.ts'

export interface PreparedConfig extends Prepared {
  readonly secrets: readonly string[]
}

type Path = readonly (string | number)[]

/** Top-level keys with this prefix belong to the user, for settings that YAML anchors share. */
const OWN_KEY = /^x-/

export function prepareConfig(config: unknown, schema: SchemaNode, options: InterpolateOptions): PreparedConfig {
  const problems: YamlProblem[] = []
  const secrets: string[] = []
  const origins = new Map<string, string>()

  const prepareText = (input: string, path: Path): unknown => {
    const { text, references, ...found } = interpolate(input, options)
    problems.push(...found.problems.map(({ message }) => ({ path, message })))
    secrets.push(...found.secrets)
    const node = schemaNodeAt(schema, path) ?? {}
    if (references.length === 0) return resolved(text, node, options.folder)
    origins.set(originKey(path), references.join(' '))
    return resolved(typed(text, node), node, options.folder)
  }
  const walk = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return prepareText(value, path)
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]))
    if (!isRecord(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]))
  }
  const own = isRecord(config)
    ? Object.fromEntries(Object.entries(config).filter(([key]) => !OWN_KEY.test(key)))
    : (config ?? {})
  return { value: walk(own, []), problems, secrets, origins }
}

/** Environment variables are strings: converts one to a number or boolean where the schema expects that. */
function typed(text: string, node: SchemaNode): unknown {
  const types = typesOf(node)
  const isNumber = types.includes('number') || types.includes('integer')
  if (isNumber && /^\s*[-+]?(\d+(?:\.\d*)?|\.\d+)(e[-+]?\d+)?\s*$/i.test(text)) return Number(text)
  if (types.includes('boolean') && /^\s*(true|false)\s*$/i.test(text)) return text.trim().toLowerCase() === 'true'
  return text
}

function resolved(value: unknown, { format }: SchemaNode, folder: string): unknown {
  if (typeof value !== 'string' || value === '') return value
  const isPath =
    format === 'path' || (format === 'camera-url' && !isAddress(value)) || (format === 'model' && isModelFolder(value))
  return isPath ? resolvePath(value, folder) : value
}

/** A name of the registry has no slash; a folder needs one: `./clip`. */
function isModelFolder(name: string): boolean {
  return /[/\\]/.test(name) || name.startsWith('.') || name.startsWith('~')
}
