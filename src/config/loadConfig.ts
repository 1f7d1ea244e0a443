/** Reads a config file: parses YAML, replaces references, merges the prompt library, validates. */

import { dirname, resolve } from 'node:path'
import { byName } from '../util/byName.ts'
import { WatchwordError } from '../util/errors.ts'
import { createRedactor } from '../util/redactor.ts'
import { problemLines } from '../util/yaml/problemLines.ts'
import { readYaml, type YamlProblem } from '../util/yaml/readYaml.ts'
import type { SchemaNode } from '../util/yaml/schemaNode.ts'
import { type Config, configSchema } from './configSchema.ts'
import { isRecord } from './isRecord.ts'
import { prepareConfig } from './prepareConfig.ts'
import type { PromptLibrary } from './promptLibrary.ts'
import { readText } from './readText.ts'
import { mergeLibrary } from './resolveEvents.ts'
import { secretsOf } from './secretsOf.ts'

export interface LoadedConfig {
  readonly config: Config & { readonly events: NonNullable<Config['events']> }
  readonly path: string
  /** Texts that must never be shown: passwords, tokens, contents of secret files. */
  readonly secrets: readonly string[]
}

export interface LoadOptions {
  readonly library: PromptLibrary
  readonly env: Readonly<Record<string, string | undefined>>
}

/** @throws WatchwordError `config-unreadable` or `config-invalid`, the latter with every mistake, one per line. */
export function loadConfig(path: string, options: LoadOptions): LoadedConfig {
  return parseConfig(readText(path), path, options)
}

/** As `loadConfig`, from text. Messages name `path`; relative paths are relative to its folder. */
export function parseConfig(text: string, path: string, { library, env }: LoadOptions): LoadedConfig {
  const secrets: string[] = []
  const steps = (raw: unknown, schema: SchemaNode) => {
    const prepared = prepareConfig(raw, schema, { env, folder: folderOf(path) })
    secrets.push(...prepared.secrets, ...secretsOf(prepared.value))
    if (!isRecord(prepared.value)) return prepared
    const { events, problems } = mergeLibrary(prepared.value.events, library)
    return { ...prepared, value: { ...prepared.value, events }, problems: [...prepared.problems, ...problems] }
  }
  const read = readYaml(text, { schema: configSchema, prepare: steps })
  if (read.data === null) throw invalid(path, read.problems, secrets)
  const { cameras, events = {} } = read.data
  // The user chooses the names: `constructor` is a valid one.
  const config = { ...read.data, cameras: byName(Object.entries(cameras)), events: byName(Object.entries(events)) }
  return { config, path, secrets: [...new Set([...secrets, ...secretsOf(config)])] }
}

/** A config read from a pipe has no folder: paths are then relative to the working directory. */
function folderOf(path: string): string {
  return /^\/(dev|proc)\//.test(path) ? process.cwd() : dirname(resolve(path))
}

/** Redacts the messages: they may quote a secret file, and a URL may stand in place of a name. */
function invalid(path: string, problems: readonly YamlProblem[], secrets: readonly string[]): WatchwordError {
  const redact = createRedactor(secrets)
  const redacted = problems.map(({ path: keys, message, ...place }) => ({
    ...place,
    path: keys.map(key => redact(String(key))),
    message: redact(message),
  }))
  const facts = { problems: redacted.map(({ path: keys, ...rest }) => ({ ...rest, path: keys.join('.') })) }
  return new WatchwordError(problemLines(path, redacted).join('\n'), { code: 'config-invalid', facts })
}
