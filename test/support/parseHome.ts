/** Parses a config text as `home.yaml`, with the real prompt library. */

import { parseConfig } from '../../src/config/loadConfig.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { WatchwordError } from '../../src/util/errors.ts'

const library = readLibrary()

export function parseHome(text: string, env: Record<string, string> = {}): ReturnType<typeof parseConfig> {
  return parseConfig(text, 'home.yaml', { library, env })
}

/** The lines of the error. @throws when the config is accepted */
export function linesOf(text: string, env: Record<string, string> = {}): string[] {
  try {
    parseHome(text, env)
  } catch (error) {
    if (error instanceof WatchwordError) return error.message.split('\n')
    throw error
  }
  throw new Error('Expected the config to be refused')
}
