/** Which events are evaluated, and what the names in labels mean. */

import type { PromptLibrary } from '../../config/promptLibrary.ts'
import type { Label } from '../../eval/labels/label.ts'
import { labelError } from '../../eval/labels/labelError.ts'
import { ALL_EVENTS } from '../../eval/truthOf.ts'
import { didYouMean } from '../../util/didYouMean.ts'
import { WatchwordError } from '../../util/errors.ts'
import { eventNameOf, ownEvents, type WantedEvents } from '../detect/ownEvents.ts'
import type { Footage } from './openLabels.ts'

export interface EvaluatedEvents extends WantedEvents {
  /** The event of a label; null: it is not evaluated. */
  readonly eventOf: (label: Pick<Label, 'event'>) => string | null
}

/**
 * `person walking` in labels is the library's `person_walking`; a phrase that the library does not have is an event of
 * its own.
 * @param wanted names of the library or phrases. Default: the events that the labels name
 * @throws WatchwordError `labels-invalid` for a name that is neither, `invalid-option` where nothing is named at all
 */
export function evaluatedEvents(
  footage: readonly Footage[],
  wanted: readonly string[] | undefined,
  library: PromptLibrary,
): EvaluatedEvents {
  const events = ownEvents(wanted ?? labelled(footage, library), library)
  if (events.names.length === 0)
    throw new WatchwordError('The labels name no event: say with --events which ones should not be found', {
      code: 'invalid-option',
    })
  const known = new Set(events.names)
  return {
    ...events,
    eventOf: ({ event }) => {
      const name = known.has(event) ? event : eventNameOf(event)
      return known.has(name) ? name : null
    },
  }
}

function labelled(footage: readonly Footage[], library: PromptLibrary): string[] {
  const found = new Set<string>()
  for (const { labels, file } of footage) {
    for (const { event, place } of labels) {
      if (event === ALL_EVENTS || found.has(event)) continue
      const isKnown = Object.hasOwn(library, event) || Object.hasOwn(library, eventNameOf(event))
      if (!isKnown && !/[a-z0-9] /i.test(event)) throw unknownEvent(event, { file, place, library })
      found.add(event)
    }
  }
  return [...found]
}

function unknownEvent(
  event: string,
  { file, place, library }: { readonly file: string; readonly place: string; readonly library: PromptLibrary },
): WatchwordError {
  const problem = `The prompt library has no "${event}"; ${didYouMean(event, Object.keys(library), 'events')}`
  return labelError(
    file,
    place,
    problem,
    'Name an event of the library, or a phrase such as `a red car`; --events leaves others out',
  )
}
