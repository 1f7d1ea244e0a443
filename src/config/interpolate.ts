/** Replaces `${NAME}`, `${NAME:-default}` and `${file:/run/secrets/x}` in the strings of a config. `$${` becomes `${`. */

import { readFileSync } from 'node:fs'
import { systemCodeOf } from '../util/errors.ts'
import { resolvePath } from '../util/resolvePath.ts'
import type { YamlProblem } from '../util/yaml/readYaml.ts'
import { TOKEN_KEY } from './secretsOf.ts'

export interface InterpolateOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative paths of `${file:…}` are relative to this folder. */
  readonly folder: string
}

export interface Interpolated {
  readonly text: string
  readonly problems: readonly Pick<YamlProblem, 'message'>[]
  /** Contents of `${file:…}`, and values of variables that are secrets by their name: `${CAMERA_PASSWORD}`. */
  readonly secrets: readonly string[]
  /** As written, such as `${FPS:-2}` without its default: `${FPS}`. */
  readonly references: readonly string[]
}

/** Replaces the references in one string. A name that is not set is a problem, never an empty string. */
export function interpolate(input: string, options: InterpolateOptions): Interpolated {
  const problems: { message: string }[] = []
  const secrets: string[] = []
  const references: string[] = []
  const text = replaceReferences(input, reference => {
    references.push(`\${${withoutDefault(reference)}}`)
    const found = resolveReference(reference, options)
    if ('message' in found) problems.push(found)
    else if (found.isSecret) secrets.push(found.value)
    return 'value' in found ? found.value : ''
  })
  return { text, problems, secrets, references }
}

type Value = { readonly value: string; readonly isSecret: boolean } | { readonly message: string }

function resolveReference(reference: string, { env, folder }: InterpolateOptions): Value {
  if (reference.startsWith('file:')) return contentOf(reference, resolvePath(reference.slice('file:'.length), folder))
  const [, name, fallback] = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(reference) ?? []
  if (name === undefined)
    return { message: `Expected \${NAME}, \${NAME:-default} or \${file:PATH}, got \${${reference}}` }
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  // As in a POSIX shell, the default also stands for an empty value, which compose files pass on for a variable that is not set.
  if (value !== undefined && (value !== '' || fallback === undefined)) return { value, isSecret: TOKEN_KEY.test(name) }
  if (fallback !== undefined) return { value: fallback, isSecret: false }
  return { message: `The environment has no ${name}. Set it, or write \${${name}:-default}` }
}

function contentOf(reference: string, file: string): Value {
  try {
    return { value: readFileSync(file, 'utf8').replace(/\r?\n$/, ''), isSecret: true }
  } catch (error) {
    return { message: `Cannot read ${file} for \${${reference}}: ${systemCodeOf(error) ?? 'failed'}` }
  }
}

/** Replaces every `${…}` and turns `$${` into `${`. Written by hand: a regular expression would take quadratic time on many `${`. */
function replaceReferences(text: string, resolve: (reference: string) => string): string {
  const parts: string[] = []
  let rest = 0
  for (let start = text.indexOf('${'); start !== -1; start = text.indexOf('${', rest)) {
    const isEscaped = start > rest && text[start - 1] === '$'
    const end = isEscaped ? start + 1 : text.indexOf('}', start)
    if (end === -1) break
    parts.push(text.slice(rest, isEscaped ? start - 1 : start))
    parts.push(isEscaped ? '${' : resolve(text.slice(start + 2, end)))
    rest = end + 1
  }
  return parts.join('') + text.slice(rest)
}

/** `FPS:-2` → `FPS`. */
function withoutDefault(reference: string): string {
  const at = reference.indexOf(':-')
  return at === -1 ? reference : reference.slice(0, at)
}
