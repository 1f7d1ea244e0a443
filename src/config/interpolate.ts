/** `${NAME}`, `${NAME:-default}` and `${file:/run/secrets/x}` inside the texts of a config. `$${` stays `${`. */

import { readFileSync } from 'node:fs'
import { systemCodeOf } from '../util/errors.ts'
import { TOKEN_KEY } from './secrets.ts'

export interface Interpolated {
  readonly value: unknown
  readonly problems: readonly { readonly path: readonly (string | number)[]; readonly message: string }[]
  /** Texts that came from `${file:…}`, secrets by intent, and from `${…PASSWORD}`, `${…TOKEN}`, secrets by name. */
  readonly secrets: readonly string[]
}

/** Walks maps and lists and replaces in every text. A name that is not set is a problem, never an empty text. */
export function interpolate(input: unknown, env: Readonly<Record<string, string | undefined>>): Interpolated {
  const problems: { path: (string | number)[]; message: string }[] = []
  const secrets: string[] = []

  const resolve = (reference: string, path: (string | number)[]): string => {
    if (reference.startsWith('file:')) {
      const file = reference.slice('file:'.length)
      try {
        const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
        secrets.push(text)
        return text
      } catch (error) {
        problems.push({
          path,
          message: `Expected to read ${file} for \${${reference}}: ${systemCodeOf(error) ?? 'failed'}`,
        })
        return ''
      }
    }
    const [, name, fallback] = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(reference) ?? []
    const text = name === undefined ? undefined : (env[name] ?? fallback)
    if (name !== undefined && env[name] !== undefined && TOKEN_KEY.test(name)) secrets.push(env[name])
    if (text !== undefined) return text
    problems.push({
      path,
      message:
        name === undefined
          ? `Expected \${NAME}, \${NAME:-default} or \${file:PATH}, got \${${reference}}`
          : `The environment has no ${name}. Set it, or write \${${name}:-default}`,
    })
    return ''
  }

  const walk = (value: unknown, path: (string | number)[]): unknown => {
    if (typeof value === 'string') return replaceReferences(value, reference => resolve(reference, path))
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]))
    if (value !== null && typeof value === 'object')
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]))
    return value
  }
  return { value: walk(input, []), problems, secrets }
}

/** Every `${…}` replaced, every `$${` made `${`. Written by hand: a pattern would take quadratic time on many `${`. */
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
