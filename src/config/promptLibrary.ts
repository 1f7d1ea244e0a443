/** Reads the prompt library: the ready-made events of config/prompts.yaml that a config refers to with `use`. */

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** The events of a config without `events`. */
export const DEFAULT_EVENTS = ['person_walking', 'vehicle_stopping', 'crowded_scene'] as const

/** Event name → raw event as it would stand in a config. */
export type PromptLibrary = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Reads the library that ships with the package. A test validates it against the schema. */
export function readLibrary(): PromptLibrary {
  return parse(readFileSync(new URL('../../config/prompts.yaml', import.meta.url), 'utf8'))
}
