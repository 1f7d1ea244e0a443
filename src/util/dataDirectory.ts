/** The directory of models, caches, the outbox and other data of a run. */

import { homedir } from 'node:os'
import { join } from 'node:path'
import { expandHome } from './resolvePath.ts'

export interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly home: string
}

/**
 * The configured directory, else `$WATCHWORD_DATA`, else the platform's own place: `$XDG_DATA_HOME/watchword`,
 * `~/.local/share/watchword`; `~/Library/Application Support/watchword`; `%LOCALAPPDATA%\watchword`.
 */
export function dataDirectory(
  configured?: string,
  { env, platform, home }: Environment = { env: process.env, platform: process.platform, home: homedir() },
): string {
  if (configured) return configured
  // Set in a unit or compose file, no shell has replaced the `~`.
  if (env.WATCHWORD_DATA) return expandHome(env.WATCHWORD_DATA, home)
  // The XDG specification says to ignore relative paths.
  if (env.XDG_DATA_HOME?.startsWith('/')) return join(env.XDG_DATA_HOME, 'watchword')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'watchword')
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'watchword')
  return join(home, '.local', 'share', 'watchword')
}
