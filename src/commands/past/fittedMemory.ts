/** What a camera's stored images taught about events, fitted when it is first needed. It learns nothing more. */

import type { LearnedEvent } from '../../bank/learnEvent.ts'
import type { QuietMemory } from '../../operators/score.ts'
import type { EventText, ScoringTexts } from '../../scoringTypes.ts'
import type { Light, SeenView } from '../../types.ts'

export type LearnOf = (world: string, light: Light, event: EventText) => LearnedEvent

/** Each fit is computed once: one of 400 images takes about 35 ms. */
export function fittedMemory(learnOf: LearnOf, { events }: Pick<ScoringTexts, 'events'>): QuietMemory {
  const texts = new Map(events.map(text => [text.event, text]))
  const known = new Map<string, Map<string, LearnedEvent | null>>()
  const learned = ({ frame: { light }, world }: SeenView, event: string): LearnedEvent | null => {
    const key = `${world}/${light}`
    const ofPlace = known.get(key) ?? new Map<string, LearnedEvent | null>()
    known.set(key, ofPlace)
    const found = ofPlace.get(event)
    if (found !== undefined) return found
    const text = texts.get(event)
    const result = text === undefined ? null : learnOf(world, light, text)
    ofPlace.set(event, result)
    return result
  }
  return {
    fits: seen => event => learned(seen, event)?.fit ?? null,
    answers: seen => event => learned(seen, event)?.answers ?? null,
    offer: () => {},
  }
}
