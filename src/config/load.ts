/** Reads a config file: YAML → references replaced → prompt library merged in → checked whole → typed. */

import { readFileSync } from 'node:fs'
import { type Document, LineCounter, parseDocument } from 'yaml'
import { messageOf, systemCodeOf, WatchwordError } from '../util/errors.ts'
import { nearest } from '../util/nearest.ts'
import { createRedactor } from '../util/redact.ts'
import { interpolate } from './interpolate.ts'
import { DEFAULT_EVENTS, type PromptLibrary } from './library.ts'
import { at, type ConfigProblem, problemsOf } from './problems.ts'
import { type Config, configSchema } from './schema.ts'
import { secretsOf } from './secrets.ts'

export interface LoadedConfig {
  readonly config: Config & { readonly events: NonNullable<Config['events']> }
  readonly path: string
  /** Every text that must never be shown: passwords, tokens, contents of secret files. */
  readonly secrets: readonly string[]
}

export interface LoadOptions {
  readonly library: PromptLibrary
  readonly env: Readonly<Record<string, string | undefined>>
}

/** @throws WatchwordError `config-unreadable` or `config-invalid`, the latter with every mistake, one a line. */
export function loadConfig(path: string, options: LoadOptions): LoadedConfig {
  return parseConfig(read(path), path, options)
}

/** As `loadConfig`, from text. `path` is only named in messages. */
export function parseConfig(text: string, path: string, { library, env }: LoadOptions): LoadedConfig {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  // A warning is a tag that nobody knows, such as Home Assistant's `!secret`: its value would be taken as it stands.
  const mistakes = [...document.errors, ...document.warnings]
  if (mistakes.length > 0) {
    throw invalid(
      path,
      mistakes.map(error => {
        const { line, col } = lines.linePos(error.pos[0])
        return { line, column: col, path: '', message: yamlSentence(error.code, error.message) }
      }),
    )
  }
  const { value, problems, secrets } = interpolate(plainOf(document, path) ?? {}, env)
  const root = document.contents
  const found: ConfigProblem[] = problems.map(problem => at(problem.path, problem.message, root, lines))

  const merged = mergeLibrary(value, library)
  found.push(...merged.problems.map(problem => at(problem.path, problem.message, root, lines)))
  const result = configSchema.safeParse(merged.value, { reportInput: true })
  if (!result.success) found.push(...problemsOf(result.error, configSchema, root, lines))
  else found.push(...unknownEvents(result.data).map(problem => at(problem.path, problem.message, root, lines)))
  if (!result.success || found.length > 0) {
    // `got "…"` may quote what came from a secret file, and a URL may stand where a name should.
    const redact = createRedactor([...secrets, ...secretsOf(value)])
    throw invalid(
      path,
      found.map(problem => ({ ...problem, path: redact(problem.path), message: redact(problem.message) })),
    )
  }

  const config = { ...result.data, events: result.data.events ?? {} }
  return { config, path, secrets: [...secrets, ...secretsOf(config)] }
}

/** Aliases written out. @throws WatchwordError `config-invalid` for an alias of nothing, of itself, or of far too much */
function plainOf(document: Document, path: string): unknown {
  const refuse = (message: string) => invalid(path, [{ line: null, column: null, path: '', message }])
  let value: unknown
  try {
    value = document.toJS()
  } catch {
    // The parser's own words quote the name, which may be a password that begins with *.
    throw refuse('An alias (`*name`) names nothing before it, or far too much; a text that begins with * wants quotes')
  }
  try {
    JSON.stringify(value)
  } catch {
    throw refuse('An alias (`*name`) stands inside the value that it names')
  }
  return value
}

function read(path: string): string {
  const unreadable = (why: string, cause?: unknown) =>
    new WatchwordError(`Expected to read the config ${path}: ${why}`, {
      code: 'config-unreadable',
      hint: 'Give the path of a YAML file; config/example.yaml is one to copy.',
      cause,
    })
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const code = systemCodeOf(error)
    throw unreadable(
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : messageOf(error),
      error,
    )
  }
  // Of a picture or a database the parser would find thousands of mistakes, and quote it.
  if (text.includes('\0')) throw unreadable('it is no text')
  return text
}

interface RawProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Replaces `use: name` by the library's entry under the event's own keys; gives the default events when none are written. */
function mergeLibrary(value: unknown, library: PromptLibrary): { value: unknown; problems: RawProblem[] } {
  if (!isRecord(value)) return { value, problems: [] }
  if (value.events === undefined || value.events === null) {
    const events = Object.fromEntries(DEFAULT_EVENTS.map(name => [name, library[name]]))
    return { value: { ...value, events }, problems: [] }
  }
  if (!isRecord(value.events)) return { value, problems: [] }
  const problems: RawProblem[] = []
  const events = Object.entries(value.events).map(([name, event]) => {
    if (!isRecord(event) || typeof event.use !== 'string') return [name, event]
    const entry = library[event.use]
    if (entry === undefined) {
      const near = nearest(event.use, Object.keys(library))
      const advice = near ? `did you mean \`${near}\`?` : `it has: ${Object.keys(library).join(', ')}`
      problems.push({ path: ['events', name, 'use'], message: `The prompt library has no \`${event.use}\`; ${advice}` })
    }
    return [name, { ...entry, ...event }]
  })
  return { value: { ...value, events: Object.fromEntries(events) }, problems }
}

function unknownEvents(config: Config): RawProblem[] {
  const known = Object.keys(config.events ?? {})
  return Object.entries(config.cameras).flatMap(([camera, { events = [] }]) =>
    events.flatMap((event, index) => {
      if (known.includes(event)) return []
      const near = nearest(event, known)
      const message = `There is no event \`${event}\`; ${near ? `did you mean \`${near}\`?` : `known: ${known.join(', ')}`}`
      return [{ path: ['cameras', camera, 'events', index], message }]
    }),
  )
}

function invalid(path: string, problems: readonly ConfigProblem[]): WatchwordError {
  const sorted = [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
  const lines = sorted.map(({ line, column, path: key, message }) => {
    const place = line === null ? path : `${path}:${line}:${column}`
    return `${place}${key ? ` ${key}` : ''}: ${message}`
  })
  return new WatchwordError(lines.join('\n'), { code: 'config-invalid', facts: { problems: sorted } })
}

function yamlSentence(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'This name is there twice; every name may be written once'
  if (code === 'MULTIPLE_DOCS') return 'A second document begins here (`---`): a config is one'
  if (code === 'TAG_RESOLVE_FAILED')
    return 'A tag (`!name`) means nothing here: write ${NAME} or ${file:PATH}; a text that begins with ! wants quotes'
  return message
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
