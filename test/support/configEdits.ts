/** Edits of a config's events, and what they change in its text. */

import type { EventEdit } from '../../src/config/editEvents.ts'
import { parseConfig } from '../../src/config/loadConfig.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'

export const options = { path: 'home.yaml', library: readLibrary(), env: { LIMIT: '0.6' } }

export const VAN: Extract<EventEdit, { kind: 'add' }> = {
  kind: 'add',
  event: 'van',
  settings: { prompts: ['a van at the gate'], threshold: 0.71 },
  cameras: ['gate'],
  zone: null,
}
export const raise = (event: string, threshold: number): EventEdit => ({ kind: 'threshold', event, threshold })

export const read = (text: string) => parseConfig(text, 'home.yaml', options).config

/** Lines that only one of the texts has, in order: `+ new`, `- old`. */
export function diff(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')]
  return [
    ...old.filter(line => !now.includes(line)).map(line => `- ${line}`),
    ...now.filter(line => !old.includes(line)).map(line => `+ ${line}`),
  ]
}

/** Whether the lines of `before` are all in `after`, in the same order. */
export function keepsLines(before: string, after: string): boolean {
  const rest = after.split('\n')
  return before.split('\n').every(line => {
    const at = rest.indexOf(line)
    return at >= 0 && rest.splice(0, at + 1) !== null
  })
}
