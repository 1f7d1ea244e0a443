/** What a schema found wrong, as one sentence for the person who wrote the file. */

import type { z } from 'zod'
import { nearest } from '../didYouMean.ts'

/**
 * @param origin the reference that the value came from, such as `${FPS}`; null when it stands in the file.
 *   A value that came from elsewhere is never quoted: it may be a secret.
 */
export function issueSentence(issue: z.core.$ZodIssue, origin: string | null): string {
  const text = textOf(issue)
  return origin === null ? text : text.replace(/, got [\s\S]*$/, `, got the value of \`${origin}\``)
}

function textOf(issue: z.core.$ZodIssue): string {
  const name = issue.path.length === 0 ? 'the file' : `\`${String(issue.path.at(-1))}\``
  switch (issue.code) {
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'Expected another name'
    case 'invalid_type': {
      if (issue.input === undefined) return `Expected ${name}, which is missing`
      const advice = issue.expected === 'string' && isPlain(issue.input) ? ': write it in quotes' : ''
      const got = isPrivate(issue) ? kindOnly(issue.input) : kind(issue.input)
      return `Expected ${name} to be ${article(issue.expected)}, got ${got}${advice}`
    }
    case 'invalid_value':
      return `Expected ${name} to be one of ${issue.values.map(String).join(', ')}, got ${kind(issue.input)}${meant(issue)}`
    case 'too_small':
      if (issue.message.startsWith('Expected')) return issue.message
      if (issue.origin === 'string') return `Expected ${name} to have a value, got an empty text`
      if (issue.origin === 'array') return `Expected ${name} to have at least ${issue.minimum} items`
      return `Expected ${name} to be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}, got ${kind(issue.input)}`
    case 'too_big':
      return `Expected ${name} to be ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}, got ${kind(issue.input)}`
    default:
      return issue.message
  }
}

/** A misspelt choice. */
function meant({ values, input }: z.core.$ZodIssueInvalidValue): string {
  const near = typeof input === 'string' ? nearest(input, values.map(String)) : null
  return near === null ? '' : `; did you mean \`${near}\`?`
}

/** YAML's words where zod has others. */
const KINDS: Readonly<Record<string, string>> = {
  record: 'map of names',
  object: 'map',
  array: 'list',
  int: 'whole number',
}

function article(expected: string): string {
  if (expected === 'boolean') return 'true or false'
  const name = KINDS[expected] ?? expected
  return `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`
}

/** A number or boolean where a text should be: `012345` without quotes. */
function isPlain(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean'
}

/**
 * A password of digits alone is a number in YAML: its value is private, too. So is a text where a section should be: it
 * may be a login, or all of a file that is no config.
 */
function isPrivate({ path, expected }: z.core.$ZodIssueInvalidType): boolean {
  return ['username', 'password', 'url'].includes(String(path.at(-1))) || ['object', 'record'].includes(expected)
}

function kindOnly(value: unknown): string {
  return typeof value === 'object' ? kind(value) : `a ${typeof value}`
}

const LONGEST = 60

function kind(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  // A URL may hold a login, wherever it stands.
  if (typeof value === 'string' && value.includes('://')) return 'a URL'
  const text = JSON.stringify(value)
  return text.length > LONGEST ? `a text of ${text.length - 2} characters` : text
}
