/** Events as a config or a command line names them, made whole from the prompt library. */

import { byName } from '../util/byName.ts'
import { didYouMean } from '../util/didYouMean.ts'
import type { YamlProblem } from '../util/yaml/readYaml.ts'
import { type EventConfig, eventSchema } from './events.ts'
import { isRecord } from './isRecord.ts'
import { DEFAULT_EVENTS, type PromptLibrary } from './library.ts'

/** The events of these names, with every default. @param names of the library */
export function resolveEvents(names: readonly string[], library: PromptLibrary): Record<string, EventConfig> {
  return byName(names.map(name => [name, eventSchema.parse(entryOf(name, library) ?? {})]))
}

export interface MergedLibrary {
  /** The events of a config, as they were written or whole. */
  readonly events: unknown
  readonly problems: readonly YamlProblem[]
}

/** Replaces `use: name` by the library's entry under the event's own keys; gives the default events when none are written. */
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
