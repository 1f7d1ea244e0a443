/** Turns phrases on the command line into entries of the prompt library. */

import type { PromptLibrary } from '../../config/promptLibrary.ts'
import { byName } from '../../util/byName.ts'
import { trimCharacter } from '../../util/trimCharacter.ts'

export interface WantedEvents {
  /** Each once, in the order they were named. */
  readonly names: readonly string[]
  readonly library: PromptLibrary
}

/** @param wanted names of the library, or phrases such as `a red car` */
export function ownEvents(wanted: readonly string[], library: PromptLibrary): WantedEvents {
  const events = wanted.map(text => ({ name: Object.hasOwn(library, text) ? text : eventNameOf(text), text }))
  const own = events.filter(({ name }) => !Object.hasOwn(library, name))
  return {
    names: [...new Set(events.map(({ name }) => name))],
    library: byName([...Object.entries(library), ...own.map(({ name, text }) => [name, { prompts: [text] }] as const)]),
  }
}

/** `a red car` → `a_red_car`, `un café` → `un_cafe` */
export function eventNameOf(phrase: string): string {
  const letters = phrase.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return trimCharacter(letters.replace(/[^a-z0-9]+/g, '_'), '_')
}
