/** Decides which source reads the URL of a camera. */

import { statSync } from 'node:fs'

export type SourceKind = 'rtsp' | 'file' | 'images'

/** @param type the camera's `type` in the config; `auto` decides by the URL and the file system */
export function sourceKind(type: 'auto' | SourceKind, url: string): SourceKind {
  if (type !== 'auto') return type
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url) || url.startsWith('demo:')) return 'rtsp'
  const found = statSync(url, { throwIfNoEntry: false })
  if (found) return found.isDirectory() ? 'images' : 'file'
  // Globs come last, because a file's name may contain such characters.
  return /[*?]/.test(url) ? 'images' : 'file'
}
