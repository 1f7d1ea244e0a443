/** What `--save` writes into the config: a new event, or the threshold of one that is there. */

import type { EventEdit } from '../../config/editEvents.ts'
import { hasDefaultRelease } from '../../config/eventSchema.ts'
import { nameSchema } from '../../config/nameSchema.ts'
import { readLibrary } from '../../config/promptLibrary.ts'
import { WatchwordError } from '../../util/errors.ts'
import type { AskedEvent } from '../past/askedEvent.ts'

export interface SaveOptions {
  readonly asked: AskedEvent
  /** Name for the event; null: its own. */
  readonly name: string | null
  /** As on the command line: the event's words were changed. */
  readonly isReworded: boolean
  readonly cameras: readonly string[]
  readonly zone: string | null
}

/** The name under which it is saved. @throws WatchwordError `invalid-option` before any work is done */
export function savedName({ asked, name, isReworded, zone }: Omit<SaveOptions, 'cameras'>): string {
  const wanted = name ?? asked.name
  const { error } = nameSchema.safeParse(wanted)
  if (error) throw invalid(`Cannot save an event as \`${wanted}\`: ${error.issues[0]?.message}`)
  if (!asked.isConfigured) return wanted
  if (wanted !== asked.name)
    throw invalid(`\`${asked.name}\` is an event of the config: --save takes no other name for it`)
  if (isReworded || zone !== null)
    throw invalid(`--save changes only the threshold of \`${asked.name}\`: leave out --against, --rule and --zone`)
  return wanted
}

export function savedEvent({ asked, cameras, zone, ...rest }: SaveOptions, threshold: number): EventEdit {
  const event = savedName({ asked, zone, ...rest })
  if (asked.isConfigured) return { kind: 'threshold', event, threshold }
  return { kind: 'add', event, settings: settingsOf(asked, threshold, rest.isReworded), cameras, zone }
}

/** Only what differs from the defaults. */
function settingsOf({ name, settings }: AskedEvent, threshold: number, isReworded: boolean): Record<string, unknown> {
  const { prompts, negative_prompts: negative = [], levels, rule } = settings
  const isInLibrary = Object.hasOwn(readLibrary(), name)
  const words = {
    ...(prompts && { prompts }),
    ...(negative.length > 0 && { negative_prompts: negative }),
    ...(levels && { levels }),
    ...(rule !== 'present' && { rule }),
  }
  const start = isInLibrary ? { use: name, ...(isReworded && { negative_prompts: negative, rule }) } : words
  const release = atRelease(settings, threshold)
  return { ...start, threshold, ...(hasDefaultRelease(settings) ? {} : { release_threshold: release }) }
}

/** The distance stays: the threshold was chosen with it. */
function atRelease(settings: AskedEvent['settings'], threshold: number): number {
  return Math.max(0, Math.round((threshold - (settings.threshold - settings.release_threshold)) * 1000) / 1000)
}

function invalid(message: string): WatchwordError {
  return new WatchwordError(message, { code: 'invalid-option' })
}
