/** The prompt library: ready-made events, in config/prompts.yaml, that a config takes with `use:`. */

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** Watched for when a config names no events. */
export const DEFAULT_EVENTS = ['person_walking', 'vehicle_stopping', 'crowded_scene'] as const

/** Event name → raw event as it would stand in a config. */
export type PromptLibrary = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Reads the library that ships with the package. A test holds it to the schema. */
export function readLibrary(): PromptLibrary {
  return parse(readFileSync(new URL('../../config/prompts.yaml', import.meta.url), 'utf8'))
}
