/** Paths as users write them in a config. */

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** `~` and `~/x` are in the home folder, relative paths in `folder`. */
export function resolvePath(path: string, folder: string, home: string = homedir()): string {
  return resolve(folder, expandHome(path, home))
}

/** `~/x` → `/home/me/x`; `~other/x` and all else stays. */
export function expandHome(path: string, home: string = homedir()): string {
  return path === '~' || /^~[/\\]/.test(path) ? join(home, path.slice(1)) : path
}
