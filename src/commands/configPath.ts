import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const DEFAULT_CONFIG = 'watchword.yaml'
const DEMO_CONFIG = fileURLToPath(new URL('../../config/watchword.yaml', import.meta.url))

export const CONFIG_ARGUMENT = `YAML file; default: ${DEFAULT_CONFIG} if it is there, else the demo`

/** The config that is meant when the command line names this one, or none. */
export function configPath(given: string | undefined): string {
  return given ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : DEMO_CONFIG)
}

/** The demo makes room for itself; a config of one's own gets what it says, or an error. */
export function isDemoConfig(path: string): boolean {
  return path === DEMO_CONFIG
}
