/** Completes the events of a config or command line from the prompt library. */

import { byName } from '../util/byName.ts'
import { didYouMean } from '../util/didYouMean.ts'
import type { YamlProblem } from '../util/yaml/readYaml.ts'
import { type EventConfig, eventSchema } from './eventSchema.ts'
import { isRecord } from './isRecord.ts'
import { DEFAULT_EVENTS, type PromptLibrary } from './promptLibrary.ts'

/** The library entries of these names, with all defaults. */
export function resolveEvents(names: readonly string[], library: PromptLibrary): Record<string, EventConfig> {
  return byName(names.map(name => [name, eventSchema.parse(entryOf(name, library) ?? {})]))
}

export interface MergedLibrary {
  /** The events of a config; those with `use` are merged with their entry. */
  readonly events: unknown
  readonly problems: readonly YamlProblem[]
}

/** Merges the library entry of `use` under the event's own keys. Without events, returns the default events. */
export function mergeLibrary(events: unknown, library: PromptLibrary): MergedLibrary {
  if (events === undefined || events === null)
    return { events: byName(DEFAULT_EVENTS.map(name => [name, entryOf(name, library)])), problems: [] }
  if (!isRecord(events)) return { events, problems: [] }
  const problems: YamlProblem[] = []
  const merged = Object.entries(events).map(([name, event]): [string, unknown] => {
    if (!isRecord(event) || typeof event.use !== 'string') return [name, event]
    const entry = entryOf(event.use, library)
    if (entry === undefined) {
      const message = `The prompt library has no \`${event.use}\`; ${didYouMean(event.use, Object.keys(library), 'events')}`
      problems.push({ path: ['events', name, 'use'], message })
    }
    return [name, { ...entry, ...event }]
  })
  return { events: Object.fromEntries(merged), problems }
}

function entryOf(name: string, library: PromptLibrary): PromptLibrary[string] | undefined {
  return Object.hasOwn(library, name) ? library[name] : undefined
}
