/** Chooses the config file: the one named, `watchword.yaml`, or the demo. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const DEFAULT_CONFIG = 'watchword.yaml'
const DEMO_CONFIG = fileURLToPath(new URL('../../config/watchword.yaml', import.meta.url))

export const CONFIG_ARGUMENT = `YAML file; default: ${DEFAULT_CONFIG} if it exists, otherwise the demo`

/** @param given the path on the command line, if any */
export function configPath(given: string | undefined): string {
  return given ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : DEMO_CONFIG)
}

/** The demo chooses a free port and directory if its own are taken; other configs fail instead. */
export function isDemoConfig(path: string): boolean {
  return path === DEMO_CONFIG
}
