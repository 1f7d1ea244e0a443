/** Turns schema issues into lines a person can act on: file, line, key, what to do. */

import type { LineCounter, ParsedNode } from 'yaml'
import { isMap, isScalar, isSeq } from 'yaml'
import type { z } from 'zod'
import { nearest } from '../util/nearest.ts'

export interface ConfigProblem {
  /** 1-based; null when the place is not in the file. */
  readonly line: number | null
  readonly column: number | null
  /** Such as `cameras.front.fps`; empty for the whole file. */
  readonly path: string
  readonly message: string
}

type Path = readonly PropertyKey[]

/** One problem per mistake; an unknown key becomes one problem of its own with the nearest known key. */
export function problemsOf(
  error: z.ZodError,
  schema: z.ZodType,
  root: ParsedNode | null,
  lines: LineCounter,
): ConfigProblem[] {
  return error.issues.flatMap(issue => {
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, issue.path)
      return issue.keys.map(key => {
        const near = nearest(key, known)
        const advice = near ? `; did you mean \`${near}\`?` : `; known keys: ${known.join(', ')}`
        return at([...issue.path, key], `Unknown key \`${key}\`${advice}`, root, lines)
      })
    }
    if (issue.code === 'invalid_key')
      return [at(issue.path, issue.issues[0]?.message ?? 'Expected another name', root, lines)]
    return [at(issue.path, sentence(issue), root, lines)]
  })
}

/** The problem at a path of the document: its own place, or that of the nearest parent that is in the file. */
export function at(path: Path, message: string, root: ParsedNode | null, lines: LineCounter): ConfigProblem {
  const offset = offsetOf(root, path)
  const position = offset === null ? null : lines.linePos(offset)
  return { line: position?.line ?? null, column: position?.col ?? null, path: path.map(String).join('.'), message }
}

function sentence(issue: z.core.$ZodIssue): string {
  const name = String(issue.path.at(-1) ?? 'the file')
  if (issue.code === 'invalid_type' && issue.input === undefined) return `Expected \`${name}\`, which is missing`
  if (issue.code === 'invalid_type')
    return `Expected \`${name}\` to be ${article(issue.expected)}, got ${isPrivate(issue) ? kindOnly(issue.input) : kind(issue.input)}`
  if (issue.code === 'invalid_value')
    return `Expected \`${name}\` to be one of ${issue.values.map(String).join(', ')}, got ${JSON.stringify(issue.input)}`
  if (issue.code === 'too_small' && issue.origin !== 'string' && !issue.message.startsWith('Expected'))
    return `Expected \`${name}\` to be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}, got ${JSON.stringify(issue.input)}`
  if (issue.code === 'too_big')
    return `Expected \`${name}\` to be at most ${issue.maximum}, got ${JSON.stringify(issue.input)}`
  return issue.message
}

/** YAML's words for what zod calls otherwise. */
const KINDS: Readonly<Record<string, string>> = { record: 'map of names', object: 'map', array: 'list' }

function article(expected: string): string {
  const name = KINDS[expected] ?? expected
  return `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`
}

/**
 * A password of digits alone is a number in YAML: its value is nobody's business either. Nor is a text where a section
 * should be: it may be a login, or all of a file that is no config.
 */
function isPrivate({ path, expected }: z.core.$ZodIssueInvalidType): boolean {
  return ['username', 'password', 'url'].includes(String(path.at(-1))) || ['object', 'record'].includes(expected)
}

function kindOnly(value: unknown): string {
  return typeof value === 'object' ? kind(value) : `a ${typeof value}`
}

function kind(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a map' : JSON.stringify(value)
}

function offsetOf(root: ParsedNode | null, path: Path): number | null {
  let node: unknown = root
  let offset = root?.range[0] ?? null
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === String(step))
      if (!pair) return offset
      offset = (pair.key as ParsedNode).range[0]
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      offset = (node as ParsedNode | undefined)?.range[0] ?? offset
    } else return offset
  }
  return offset
}

/** Known keys of the map at a path, through optional, default and record wrappers. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let current: unknown = schema
  for (const step of path) current = childOf(unwrap(current), String(step))
  const { shape } = unwrap(current) as { shape?: Record<string, unknown> }
  return Object.keys(shape ?? {}).filter(key => !key.startsWith('$'))
}

function childOf(schema: unknown, key: string): unknown {
  const { shape, valueType, element } = schema as {
    shape?: Record<string, unknown>
    valueType?: unknown
    element?: unknown
  }
  return shape?.[key] ?? valueType ?? element
}

function unwrap(schema: unknown): unknown {
  const inner = (schema as { def?: { innerType?: unknown } } | undefined)?.def?.innerType
  return inner === undefined ? (schema ?? {}) : unwrap(inner)
}
