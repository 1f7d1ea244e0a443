/** Changes events in the text of a config. Everything else stays as it is: values, comments, order, line ends. */

import { isDeepStrictEqual } from 'node:util'
import { messageOf, WatchwordError } from '../util/errors.ts'
import { editYaml, UneditableYaml, type YamlEditor } from '../util/yaml/editYaml.ts'
import { eventsOf } from './areasOf.ts'
import { type EventConfig, hasDefaultRelease } from './eventSchema.ts'
import { type LoadedConfig, type LoadOptions, parseConfig } from './loadConfig.ts'
import { DEFAULT_EVENTS } from './promptLibrary.ts'

export type EventEdit =
  | {
      readonly kind: 'add'
      readonly event: string
      /** As it stands in a config. */
      readonly settings: Readonly<Record<string, unknown>>
      /** The cameras that watch it; no others do. */
      readonly cameras: readonly string[]
      /** The zone to which it is tied on these cameras; null: anywhere in the image. */
      readonly zone: string | null
    }
  | { readonly kind: 'threshold'; readonly event: string; readonly threshold: number }

export interface EditOptions extends LoadOptions {
  /** Path of the config, for messages and relative paths. */
  readonly path: string
}

type Config = LoadedConfig['config']

/**
 * @returns the new text. It was read as `run` reads it: it says what was asked for, and everything else as before.
 * @throws WatchwordError `event-exists`, `config-uneditable`, `config-invalid`
 */
export function editEvents(text: string, edits: readonly EventEdit[], options: EditOptions): string {
  const before = parseConfig(text, options.path, options).config
  const editor = editYaml(text)
  try {
    const hasEvents = editor.has(['events'])
    if (!hasEvents) writeAll(editor, edits, before)
    for (const edit of edits) {
      if (edit.kind === 'add') addEvent(editor, edit, before)
      else if (hasEvents) setThreshold(editor, edit, before)
    }
  } catch (error) {
    if (!(error instanceof UneditableYaml)) throw error
    throw uneditable(options.path, messageOf(error))
  }
  const after = editor.text()
  expectEdits(before, parseEdited(after, options), { edits, path: options.path })
  return after
}

type Add = Extract<EventEdit, { kind: 'add' }>
type Threshold = Extract<EventEdit, { kind: 'threshold' }>

/** A config without `events` watches three from the library: named now, they stay. */
function writeAll(editor: YamlEditor, edits: readonly EventEdit[], before: Config): void {
  const events = new Map<string, unknown>(DEFAULT_EVENTS.map(name => [name, { use: name }]))
  for (const edit of edits) {
    const known = before.events[edit.event]
    if (edit.kind === 'add') events.set(edit.event, edit.settings)
    else events.set(edit.event, { use: edit.event, ...thresholdsFor(expectKnown(known, edit.event), edit.threshold) })
  }
  editor.set(['events'], Object.fromEntries(events))
}

/** A default release threshold follows by itself. */
function thresholdsFor(settings: EventConfig, threshold: number) {
  return hasDefaultRelease(settings) ? { threshold } : { threshold, release_threshold: releaseFor(settings, threshold) }
}

function expectKnown(settings: EventConfig | undefined, event: string): EventConfig {
  if (settings !== undefined) return settings
  throw new WatchwordError(`There is no event \`${event}\` in the config`, { code: 'event-not-configured' })
}

function addEvent(editor: YamlEditor, { event, settings, cameras, zone }: Add, before: Config): void {
  if (Object.hasOwn(before.events, event))
    throw new WatchwordError(`There is an event \`${event}\` already`, {
      code: 'event-exists',
      hint: 'Choose another name, or change that event: `watchword trial` takes its name, too',
    })
  if (editor.has(['events'])) editor.set(['events', event], settings)
  for (const [camera, { events, event_zones: tied }] of Object.entries(before.cameras)) {
    const watches = cameras.includes(camera)
    if (watches && events !== undefined) {
      if (editor.has(['cameras', camera, 'events'])) pushOrReplace(editor, camera, [...events, event])
      else editor.set(['cameras', camera, 'events'], [...events, event], { flow: true })
    }
    // Without a list it would watch every event.
    if (!watches && events === undefined)
      editor.set(['cameras', camera, 'events'], Object.keys(before.events), { flow: true })
    if (!watches || zone === null) continue
    if (editor.has(['cameras', camera, 'event_zones']))
      editor.set(['cameras', camera, 'event_zones', event], [zone], FLOW)
    else editor.set(['cameras', camera, 'event_zones'], { ...tied, [event]: [zone] }, FLOW)
  }
}

const FLOW = { flow: true } as const

/** A list that is an alias is shared with others. */
function pushOrReplace(editor: YamlEditor, camera: string, events: readonly string[]): void {
  const path = ['cameras', camera, 'events']
  try {
    editor.push(path, events.at(-1))
  } catch (error) {
    if (!(error instanceof UneditableYaml)) throw error
    editor.set(path, events, FLOW)
  }
}

function setThreshold(editor: YamlEditor, { event, threshold }: Threshold, before: Config): void {
  const settings = expectKnown(before.events[event], event)
  editor.set(['events', event, 'threshold'], threshold, FLOW)
  // Written, a default one does not follow.
  if (!editor.has(['events', event, 'release_threshold']) && hasDefaultRelease(settings)) return
  editor.set(['events', event, 'release_threshold'], releaseFor(settings, threshold), FLOW)
}

/** The distance between the two stays the same: the threshold was chosen with it. */
function releaseFor({ threshold: before, release_threshold: release }: EventConfig, threshold: number): number {
  return Math.max(0, Math.round((threshold - (before - release)) * 1000) / 1000)
}

/** What was read must say what was asked for, and nothing else may have changed: YAML has more ways than are known here. */
function expectEdits(before: Config, after: Config, { edits, path }: Expected): void {
  const events = { ...before.events }
  for (const edit of edits) {
    const { event } = edit
    const settings = after.events[event]
    const known = events[event]
    if (settings === undefined) throw uneditable(path, `\`events.${event}\` would not be read`)
    if (edit.kind === 'add') events[event] = settings
    else if (known !== undefined) {
      const release = releaseFor(known, edit.threshold)
      if (Math.abs(settings.release_threshold - release) > 0.001) throw uneditable(path, SHARED)
      events[event] = { ...known, threshold: edit.threshold, release_threshold: settings.release_threshold }
    }
  }
  const cameras = Object.fromEntries(
    Object.entries(before.cameras).map(([name, camera]) => {
      const { events: own, event_zones: tied } = after.cameras[name] ?? camera
      return [name, { ...camera, ...(own && { events: own }), event_zones: tied }]
    }),
  )
  if (
    !isDeepStrictEqual(
      plain({ ...before, cameras, events: used(events) }),
      plain({ ...after, events: used(after.events) }),
    )
  )
    throw uneditable(path, SHARED)
  for (const [name, camera] of Object.entries(before.cameras)) {
    const added = edits.flatMap(edit => (edit.kind === 'add' && edit.cameras.includes(name) ? [edit.event] : []))
    const watched = eventsOf(after.cameras[name] ?? camera, after.events)
    const wanted = [...eventsOf(camera, before.events), ...added]
    if (!isDeepStrictEqual([...watched].sort(), wanted.sort())) throw uneditable(path, SHARED)
  }
}

interface Expected {
  readonly edits: readonly EventEdit[]
  readonly path: string
}

const SHARED = 'other values of the file would change with it, through an anchor or a merge key'

/** Where an event came from does not count: the default ones are named now. */
function used(events: Config['events']) {
  return Object.fromEntries(Object.entries(events).map(([name, { use: _, ...settings }]) => [name, settings]))
}

/** Without prototypes and without keys that are undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function parseEdited(text: string, options: EditOptions): Config {
  try {
    return parseConfig(text, options.path, options).config
  } catch (error) {
    throw uneditable(options.path, `the result would be wrong: ${messageOf(error)}`)
  }
}

function uneditable(path: string, why: string): WatchwordError {
  return new WatchwordError(`Cannot change ${path} without you: ${why}`, {
    code: 'config-uneditable',
    hint: 'The file was not changed. Write the lines into it yourself',
  })
}
