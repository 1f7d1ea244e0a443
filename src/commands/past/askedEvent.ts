/** The event that a command is asked about: one of the config or the prompt library by its name, or a phrase. */

import { type EventConfig, eventSchema, phraseSchema } from '../../config/eventSchema.ts'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import { readLibrary } from '../../config/promptLibrary.ts'
import { WatchwordError } from '../../util/errors.ts'
import { trimCharacter } from '../../util/trimCharacter.ts'
import { ownEvents } from '../detect/ownEvents.ts'

export interface AskedOptions {
  /** Further negative prompts. */
  readonly against?: readonly string[]
  readonly rule?: EventConfig['rule']
  /** The event counts only there. */
  readonly zones?: readonly string[]
}

export interface AskedEvent {
  /** Key of the event: that of the config or library, or made of the phrase. */
  readonly name: string
  readonly settings: EventConfig
  /** It is an event of the config. */
  readonly isConfigured: boolean
}

/** A name is part of file names and ids. */
const LONGEST_NAME = 60

/** @throws WatchwordError `invalid-option` for a text that is no phrase */
export function askedEvent(
  what: string,
  { against = [], rule, zones }: AskedOptions,
  { events }: Pick<LoadedConfig['config'], 'events'>,
): AskedEvent {
  const text = phraseOf(what)
  const negative = against.map(phraseOf)
  const changes = { ...(rule && { rule }), ...(zones && { zones: [...zones] }) }
  const own = Object.hasOwn(events, text) ? events[text] : undefined
  if (own !== undefined) {
    const all = [...(own.negative_prompts ?? []), ...negative]
    return { name: text, settings: { ...own, ...changes, negative_prompts: all }, isConfigured: true }
  }
  const { names, library } = ownEvents([text], readLibrary())
  const [name = ''] = names
  const settings = eventSchema.parse(library[name])
  return {
    name: trimCharacter(name.slice(0, LONGEST_NAME), '_'),
    settings: { ...settings, ...changes, negative_prompts: [...(settings.negative_prompts ?? []), ...negative] },
    isConfigured: false,
  }
}

function phraseOf(text: string): string {
  const { data, error } = phraseSchema.safeParse(text)
  if (data === undefined)
    throw new WatchwordError(
      `${error?.issues[0]?.message ?? 'Expected a phrase'}${text.trim() === '' ? '' : `, got one of ${text.length}`}`,
      {
        code: 'invalid-option',
      },
    )
  if (/[a-z]/i.test(data)) return data
  throw new WatchwordError('Expected English words in the phrase: CLIP was trained on English only', {
    code: 'invalid-option',
  })
}
